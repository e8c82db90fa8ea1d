/** AWS's own client for Bedrock, as it comes, with upstreams of every dialect: over HTTP/2, on the port of HTTP/1. */
import {
  BedrockRuntimeServiceException,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import type { BedrockRuntimeClient, ContentBlock, ConverseCommandInput, Message } from '@aws-sdk/client-bedrock-runtime'
import { body as bytes, endMidStream, json, replayCase, sse } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openArena, TARGETS } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import { awsClient, converse } from '../support/aws-sdk.ts'
import type { Heard } from '../support/aws-sdk.ts'
import { DIALECTS } from '../support/dialect-names.ts'
import type { ByDialect, DialectName } from '../support/dialect-names.ts'
import { bedrockEvent } from '../support/event-stream.ts'
import { heardBy } from '../support/oracle/heard.ts'
import { LimitsMet } from '../support/oracle/limits.ts'
import { proofsFor, readProofs } from '../support/oracle/proofs.ts'
import type { Proofs } from '../support/oracle/proofs.ts'
import type { Question } from '../support/oracle/question.ts'
import type { Line } from '../support/say.ts'
import { describeRecorded } from '../support/recordings.ts'
import { THINKERS } from '../support/thinkers.ts'
import { answers, read } from '../support/traffic.ts'
import { WIRES } from '../support/wires.ts'

let arena: Arena
let client: BedrockRuntimeClient
beforeAll(async () => {
  arena = await openArena()
  client = awsClient(arena.gateway.url)
})
afterAll(async () => {
  client.destroy()
  await arena[Symbol.asyncDispose]()
})

interface Pair {
  upstream: DialectName
  isStream: boolean
}
const PAIRS = DIALECTS.flatMap((upstream) => [false, true].map((isStream): Pair => ({ upstream, isStream })))

/** @param lines what the upstream says, one after another */
function script({ upstream, isStream }: Pair, ...lines: readonly Line[]): void {
  const [first, ...others] = lines.map((line) => WIRES[upstream].say(line, isStream))
  arena.upstreams[upstream].reply(first!, ...others)
}

function ask({ upstream, isStream }: Pair, input: Partial<ConverseCommandInput> = {}): Promise<Heard> {
  return converse(client, isStream, { modelId: TARGETS[upstream], messages: [user({ text: 'Hello' })], ...input })
}

function user(...content: ContentBlock[]): Message {
  return { role: 'user', content }
}

/** What reached the upstream last. */
function asked({ upstream }: Pair): Question {
  const request = arena.upstreams[upstream].requests.at(-1)!
  return WIRES[upstream].readQuestion(request.json(), request.path)
}

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const CALLS = ['Rome', 'Zürich 🌧'].map((city, index) => ({ id: `call_${index}`, name: 'weather', arguments: { city } }))
const toolConfig = { tools: [{ toolSpec: { name: 'weather', description: 'Now', inputSchema: { json: SCHEMA } } }] }

/** Asks, runs the tools that are called, and goes on. */
async function loop(pair: Pair, line: Line, input: Partial<ConverseCommandInput> = {}): Promise<Heard> {
  script(pair, { ...line, calls: CALLS }, { text: 'It is sunny.' })
  const question = user({ text: 'Weather?' })
  const first = await ask(pair, { messages: [question], toolConfig, ...input })
  expect(first.stopReason).toBe('tool_use')
  const calls = first.message.content!.flatMap(({ toolUse }) => toolUse ?? [])
  expect(calls).toEqual(CALLS.map(({ id, name, arguments: input }) => ({ toolUseId: id, name, input })))
  const results = calls.map(({ toolUseId, input }): ContentBlock => {
    return { toolResult: { toolUseId, content: [{ text: `sun in ${(input as { city: string }).city}` }] } }
  })
  const last = await ask(pair, { messages: [question, first.message, user(...results)], toolConfig, ...input })
  expect(last).toMatchObject({ message: { content: [{ text: 'It is sunny.' }] }, stopReason: 'end_turn' })
  return first
}

describe.each(PAIRS)('$upstream, streaming: $isStream:', (pair) => {
  const { upstream } = pair

  test('a conversation', async () => {
    script(pair, { text: 'Γειά σου, κόσμε' })
    const heard = await ask(pair, {
      system: [{ text: 'Be brief' }],
      messages: [user({ text: 'Say hi' }), { role: 'assistant', content: [{ text: 'Hi' }] }, user({ text: 'Again' })],
      inferenceConfig: { maxTokens: 50, temperature: 0.5 },
    })
    expect(heard).toMatchObject({
      message: { role: 'assistant', content: [{ text: 'Γειά σου, κόσμε' }] },
      stopReason: 'end_turn',
      usage: { inputTokens: 10, outputTokens: 20, totalTokens: 30 },
    })
    expect(asked(pair)).toMatchObject({
      system: 'Be brief',
      turns: [
        { by: 'user', text: 'Say hi' },
        { by: 'assistant', text: 'Hi' },
        { by: 'user', text: 'Again' },
      ],
      limit: 50,
      temperature: 0.5,
    })
  })

  test('an image', async () => {
    script(pair, { text: 'A pixel.' })
    const image = { format: 'png' as const, source: { bytes: Buffer.from(PNG, 'base64') } }
    const { message } = await ask(pair, { messages: [user({ text: 'What is this?' }, { image })] })
    expect(message.content).toEqual([{ text: 'A pixel.' }])
    expect(asked(pair).turns).toEqual([
      { by: 'user', text: 'What is this?' },
      { by: 'user', image: `data:image/png;base64,${PNG}` },
    ])
  })

  test('tools', async () => {
    await loop(pair, { text: 'Let me see.' })
    const { tools, turns } = asked(pair)
    expect(tools).toEqual([{ name: 'weather', description: 'Now', schema: SCHEMA }])
    expect(turns).toEqual([
      { by: 'user', text: 'Weather?' },
      { by: 'assistant', text: 'Let me see.' },
      ...CALLS.map(({ id, name, arguments: input }) => ({ by: 'assistant', call: id, name, arguments: input })),
      ...CALLS.map(({ id, arguments: { city } }) => ({ by: 'tool', call: id, result: `sun in ${city}` })),
    ])
  })

  test('thoughts, which come back with the results of tools', async () => {
    const proofs = PROOFS[upstream]
    const { message } = await loop(pair, proofs, {
      modelId: THINKERS[upstream],
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } },
    })
    const shown = message.content!.flatMap((block) => block.reasoningContent?.reasoningText?.text ?? [])
    expect(shown.join('')).toBe(proofs.thought)
    const body = arena.upstreams[upstream].requests.at(-1)!.json()
    expect(readProofs[upstream](body)).toEqual(proofsFor(upstream, proofs, upstream !== 'bedrock'))
  })

  test('an object by a schema', async () => {
    script(pair, { text: '{"city":"Rome"}' })
    const structure = { jsonSchema: { name: 'place', schema: JSON.stringify(SCHEMA) } }
    await ask(pair, { outputConfig: { textFormat: { type: 'json_schema', structure } } })
    expect(asked(pair).schema).toEqual(SCHEMA)
  })

  test.each([
    [400, 'ValidationException'],
    [404, 'ResourceNotFoundException'],
    [429, 'ThrottlingException'],
    [500, 'InternalServerException'],
    [503, 'ServiceUnavailableException'],
  ])('a refusal with %i', async (status, name) => {
    const error = { message: 'The provider says no.', type: 'any', code: status, status: 'ANY' }
    const headers = upstream === 'bedrock' ? { 'x-amzn-errortype': name } : {}
    arena.upstreams[upstream].reply(json({ message: error.message, error }, { status, headers }))
    const failure = await failing(ask(pair, {}))
    expect(failure).toBeInstanceOf(BedrockRuntimeServiceException)
    expect(failure).toMatchObject({ name, message: error.message, $metadata: { httpStatusCode: status } })
  })
})

const thought = 'Both cities matter. 🌤'
const signature = 'EqRkc2ln+/8='
const encrypted = 'ErUBZW5j+/8='
/** How each upstream thinks. */
const PROOFS: ByDialect<Proofs> = {
  'openai-chat': { thought, signature, encrypted },
  'openai-responses': { thought, encrypted },
  anthropic: { thought, signature, encrypted },
  gemini: { thought, signature },
  cohere: { thought },
  bedrock: { thought, signature, encrypted },
}

function failing(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => expect.fail('the client was answered'),
    (error: unknown) => error as Error,
  )
}

describe('tokens are counted', () => {
  const input = { converse: { messages: [user({ text: 'Hello' })], system: [{ text: 'Be brief' }] } }

  test.each([
    ['bedrock', { inputTokens: 42 }],
    ['anthropic', { input_tokens: 42 }],
    ['gemini', { totalTokens: 42 }],
  ] as const)('by %s', async (upstream, counted) => {
    arena.upstreams[upstream].reply(json(counted))
    const { inputTokens } = await client.send(new CountTokensCommand({ modelId: TARGETS[upstream], input }))
    expect(inputTokens).toBe(42)
    expect(arena.upstreams[upstream].requests.at(-1)!.path).toMatch(/count[-_]?tokens$/i)
  })

  test('by the gateway, where a provider does not', async () => {
    const { inputTokens } = await client.send(new CountTokensCommand({ modelId: 'groq/llama-3.3-70b', input }))
    expect(inputTokens).toBeGreaterThan(2)
  })
})

describe('a model is invoked in its vendor’s own words:', () => {
  const modelId = TARGETS.bedrock
  const body = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [] })

  test('whole', async () => {
    arena.upstreams.bedrock.reply(bytes('{"type" : "message"}', 'application/json'))
    const reply = await client.send(new InvokeModelCommand({ modelId, body, contentType: 'application/json' }))
    expect([reply.body.transformToString(), reply.contentType]).toEqual(['{"type" : "message"}', 'application/json'])
    expect(arena.upstreams.bedrock.requests.at(-1)!.body.toString()).toBe(body)
  })

  test('piece by piece', async () => {
    const words = [{ type: 'message_start' }, { type: 'message_stop' }]
    const frames = words.map((word) =>
      bedrockEvent('chunk', { bytes: Buffer.from(JSON.stringify(word)).toString('base64') }),
    )
    arena.upstreams.bedrock.reply(bytes(Buffer.concat(frames), 'application/vnd.amazon.eventstream'))
    const reply = await client.send(new InvokeModelWithResponseStreamCommand({ modelId, body }))
    const heard: unknown[] = []
    for await (const { chunk } of reply.body!) heard.push(JSON.parse(Buffer.from(chunk!.bytes!).toString()))
    expect(heard).toEqual(words)
  })

  test.each(DIALECTS.filter((dialect) => dialect !== 'bedrock'))('which %s does not take', async (upstream) => {
    const before = arena.upstreams[upstream].requests.length
    const failure = await failing(client.send(new InvokeModelCommand({ modelId: TARGETS[upstream], body })))
    expect(failure.name).toBe('ValidationException')
    expect(arena.upstreams[upstream].requests).toHaveLength(before)
  })
})

describe.each([false, true])('what goes wrong, streaming: %s:', (isStream) => {
  test.each(['no-such-model', 'nobody/x'])('there is no model %s', async (modelId) => {
    const failure = await failing(ask({ upstream: 'bedrock', isStream }, { modelId }))
    expect(failure).toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } })
  })

  test('the upstream refuses the gateway’s credential', async () => {
    arena.upstreams.anthropic.reply(json({ type: 'error', error: { message: 'sk-upstream' } }, { status: 401 }))
    const failure = await failing(ask({ upstream: 'anthropic', isStream }))
    expect(failure.message).not.toContain('sk-upstream')
    expect(failure).toMatchObject({ name: 'InternalServerException', $metadata: { httpStatusCode: 502 } })
  })
})

describe('an answer that begins well', () => {
  const event = (type: string, fields: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
  const start = [
    event('message_start', { message: { id: 'm', type: 'message', role: 'assistant', content: [], usage: {} } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Once upon a time' } }),
  ].join('')
  const error = { type: 'overloaded_error', message: 'The provider says no.' }

  test.each<[how: string, reply: UpstreamReply, error: object]>([
    ['breaks off', endMidStream(start, start.length), { name: 'InternalServerException' }],
    ['ends with an error', sse(start + event('error', { error })), { message: error.message }],
  ])('and %s is an exception', async (_, reply, expected) => {
    arena.upstreams.anthropic.reply(reply)
    expect(await failing(ask({ upstream: 'anthropic', isStream: true }))).toMatchObject(expected)
  })
})

describeRecorded('hears', () => {
  test.each(answers)('$name', async (recorded) => {
    const { dialect: upstream, stream, target } = recorded
    arena.upstreams[upstream].reply(replayCase(recorded, { chunk: 997 }))
    const heard = await ask({ upstream, isStream: stream !== undefined }, { modelId: target })
    const { choices, tokens } = heardBy({ client: 'bedrock', upstream, met: new LimitsMet() }, read(recorded))
    const { text, reasoning, calls, finish } = choices[0]!
    const blocks = heard.message.content ?? []
    expect(
      blocks
        .map((block) => block.text ?? block.citationsContent?.content?.map((each) => each.text).join('') ?? '')
        .join(''),
    ).toBe(text)
    expect(blocks.map((block) => block.reasoningContent?.reasoningText?.text ?? '').join('')).toBe(reasoning)
    expect(blocks.flatMap(({ toolUse }) => (toolUse ? [[toolUse.name, toolUse.input]] : []))).toEqual(
      calls.map((call) => [call.name, call.arguments]),
    )
    expect(heard.stopReason).toBe(finish)
    expect(heard.usage).toMatchObject({ outputTokens: tokens!.output })
  })
})
