/** OpenAI's own SDK, with its helpers, in both of its APIs for chats, with upstreams of every dialect. */
import { endMidStream, json, replayCase } from '@sluice/core/testing'
import OpenAI from 'openai'
import type { Response, ResponseInputItem } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openArena, TARGETS } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import { DIALECTS } from '../support/dialect-names.ts'
import type { ByDialect, DialectName } from '../support/dialect-names.ts'
import { comparable } from '../support/oracle/compare.ts'
import { heardBy } from '../support/oracle/heard.ts'
import type { Json } from '../support/oracle/json.ts'
import { LimitsMet } from '../support/oracle/limits.ts'
import { readResponse } from '../support/oracle/openai-responses.ts'
import { readCompletion } from '../support/oracle/openai.ts'
import { proofsFor, readProofs } from '../support/oracle/proofs.ts'
import type { Proofs } from '../support/oracle/proofs.ts'
import type { Question } from '../support/oracle/question.ts'
import { describeRecorded } from '../support/recordings.ts'
import type { Line } from '../support/say.ts'
import { THINKERS } from '../support/thinkers.ts'
import { answers, read } from '../support/traffic.ts'
import { WIRES } from '../support/wires.ts'

let arena: Arena
let client: OpenAI
beforeAll(async () => {
  arena = await openArena()
  client = new OpenAI({ apiKey: 'sk-client', baseURL: `${arena.gateway.url}/v1`, maxRetries: 0 })
})
afterAll(() => arena[Symbol.asyncDispose]())

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

/** What reached the upstream last. */
function asked({ upstream }: Pair): Question {
  const request = arena.upstreams[upstream].requests.at(-1)!
  return WIRES[upstream].readQuestion(request.json(), request.path)
}

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='
const url = `data:image/png;base64,${PNG}`
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const
const CALLS = ['Rome', 'Zürich 🌧'].map((city, index) => ({
  id: `call_${index}`,
  name: 'weather',
  arguments: { city },
}))
const SEEN = [
  { by: 'user', text: 'What is this?' },
  { by: 'user', image: url },
]
const TURNS = [
  { by: 'user', text: 'Weather?' },
  { by: 'assistant', text: 'Let me see.' },
  ...CALLS.map(({ id, name, arguments: input }) => ({ by: 'assistant', call: id, name, arguments: input })),
  ...CALLS.map(({ id, arguments: { city } }) => ({ by: 'tool', call: id, result: `sun in ${city}` })),
]

describe.each(PAIRS)('responses of $upstream, streaming: $isStream:', (pair) => {
  const { upstream, isStream } = pair
  const model = TARGETS[upstream]
  type Ask = OpenAI.Responses.ResponseCreateParamsNonStreaming
  /** Whole, or put together by the helper. */
  const ask = (request: Ask): Promise<Response> =>
    isStream ? client.responses.stream({ ...request, stream: true }).finalResponse() : client.responses.create(request)

  test('a conversation', async () => {
    script(pair, { text: 'Γειά σου, κόσμε' })
    const response = await ask({
      model,
      instructions: 'Be brief',
      input: [
        { role: 'user', content: 'Say hi' },
        { role: 'assistant', content: 'Hi' },
        { role: 'user', content: 'Again' },
      ],
      max_output_tokens: 50,
      temperature: 0.5,
    })
    expect(response).toMatchObject({ output_text: 'Γειά σου, κόσμε', status: 'completed' })
    expect(response.usage).toMatchObject({ input_tokens: 10, output_tokens: 20, total_tokens: 30 })
    expect(asked(pair)).toMatchObject({ limit: 50, temperature: 0.5, system: 'Be brief' })
    expect(asked(pair).turns.map((turn) => 'text' in turn && turn.text)).toEqual(['Say hi', 'Hi', 'Again'])
  })

  test('an image', async () => {
    script(pair, { text: 'A pixel.' })
    const image = { type: 'input_image', image_url: url, detail: 'auto' } as const
    const content = [{ type: 'input_text' as const, text: 'What is this?' }, image]
    expect((await ask({ model, input: [{ role: 'user', content }] })).output_text).toBe('A pixel.')
    expect(asked(pair).turns).toEqual(SEEN)
  })

  test('thoughts and tools, whose results go up with all that was said', async () => {
    const proofs = PROOFS[upstream]
    script(pair, { ...proofs, text: 'Let me see.', calls: CALLS }, { text: 'It is sunny.' })
    const question: ResponseInputItem = { role: 'user', content: 'Weather?' }
    const request = {
      model: THINKERS[upstream],
      tools: [
        { type: 'function' as const, name: 'weather', description: 'Now', parameters: { ...SCHEMA }, strict: false },
      ],
      reasoning: { effort: 'low', summary: 'auto' } as const,
      include: ['reasoning.encrypted_content' as const],
      store: false,
    }
    const { output } = await ask({ ...request, input: [question] })
    const shown = output.flatMap((item) => (item.type === 'reasoning' ? item.summary.map(({ text }) => text) : []))
    expect(shown.join('')).toBe(proofs.thought)
    const results = output.flatMap((item): ResponseInputItem[] => {
      if (item.type !== 'function_call') return []
      const { city } = JSON.parse(item.arguments) as { city: string }
      return [{ type: 'function_call_output', call_id: item.call_id, output: `sun in ${city}` }]
    })
    // The SDK's types forbid what its documents show.
    const said = output as ResponseInputItem[]
    expect((await ask({ ...request, input: [question, ...said, ...results] })).output_text).toBe('It is sunny.')
    expect(asked(pair).turns).toEqual(TURNS)
    const body = arena.upstreams[upstream].requests.at(-1)!.json()
    expect(readProofs[upstream](body)).toEqual(proofsFor(upstream, proofs, true))
  })

  test('an object, parsed by the SDK', async () => {
    script(pair, { text: '{"city":"Rome"}' })
    const text = { format: { type: 'json_schema' as const, name: 'place', schema: { ...SCHEMA }, strict: true } }
    const request = { model, input: 'Where?', text }
    const response = isStream
      ? await client.responses.stream({ ...request, stream: true }).finalResponse()
      : await client.responses.parse(request)
    expect(response.output_parsed).toEqual({ city: 'Rome' })
    expect(asked(pair).schema).toEqual(SCHEMA)
  })
})

const thought = 'Both cities matter. 🌤'
const signature = 'EqRkc2ln+/8='
const encrypted = 'ErUBZW5j+/8='
/** How each upstream thinks. */
const PROOFS: ByDialect<Proofs> = {
  'openai-chat': { thought, signature },
  'openai-responses': { thought, encrypted },
  anthropic: { thought, signature },
  gemini: { thought, signature },
  cohere: { thought },
  bedrock: { thought, signature },
}

/** With OpenAI and Anthropic as upstreams, they are tested beside this file. */
const OTHERS = PAIRS.filter(({ upstream }) => !['openai-chat', 'anthropic'].includes(upstream))

describe.each(OTHERS)('chats with $upstream, streaming: $isStream:', (pair) => {
  const { upstream, isStream } = pair
  const model = TARGETS[upstream]

  test('an image, and an object parsed by the SDK', async () => {
    script(pair, { text: '{"city":"Rome"}' })
    const content = [
      { type: 'text' as const, text: 'What is this?' },
      { type: 'image_url' as const, image_url: { url } },
    ]
    const json_schema = { name: 'place', schema: SCHEMA, strict: true }
    const response_format = { type: 'json_schema', json_schema } as const
    const request = { model, messages: [{ role: 'user' as const, content }], response_format }
    const { completions } = client.chat
    const final = isStream
      ? await completions.stream({ ...request, stream_options: { include_usage: true } }).finalChatCompletion()
      : await completions.parse(request)
    expect(final.choices[0]!.message.parsed).toEqual({ city: 'Rome' })
    expect(final.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 })
    expect(asked(pair)).toMatchObject({ turns: SEEN, schema: SCHEMA })
  })

  test('tools that the SDK runs', async () => {
    script(pair, { text: 'Let me see.', calls: CALLS }, { text: 'It is sunny.' })
    const weather = {
      name: 'weather',
      description: 'Now',
      parameters: { ...SCHEMA, required: [...SCHEMA.required] },
      parse: (written: string) => JSON.parse(written) as { city: string },
      function: ({ city }: { city: string }) => `sun in ${city}`,
    }
    const messages = [{ role: 'user' as const, content: 'Weather?' }]
    const request = { model, messages, tools: [{ type: 'function' as const, function: weather }] }
    const { completions } = client.chat
    const runner = isStream ? completions.runTools({ ...request, stream: true }) : completions.runTools(request)
    expect(await runner.finalContent()).toBe('It is sunny.')
    expect(asked(pair).turns).toEqual(TURNS)
  })
})

/** Whose words, of those that reach the client of chats as they are, OpenAI's SDK does not know. */
const STRAY = 'mistral/stream-reasoning--mistral-small-latest'

describeRecorded('every recorded answer', () => {
  test.each(answers.filter(({ name }) => name !== STRAY))('is heard as a completion: $name', async (recorded) => {
    const { dialect: upstream, stream, target: model, vendor } = recorded
    arena.upstreams[upstream].reply(replayCase(recorded, { chunk: 997 }))
    const request = { model, messages: [{ role: 'user' as const, content: 'Hello' }] }
    const { completions } = client.chat
    const final = stream
      ? await completions.stream({ ...request, stream_options: { include_usage: true } }).finalChatCompletion()
      : await completions.create(request)
    const isOwn = upstream === 'openai-chat'
    const answer = read(recorded)
    const said = isOwn ? answer : heardBy({ client: 'openai-chat', upstream, met: new LimitsMet() }, answer)
    const heard = comparable(readCompletion(final as object as Json, isOwn ? vendor : 'openai'), said)
    const expected = comparable(said, said)
    // The helper knows nothing of thoughts and sources.
    const known = ({ text, refusal, calls, finish }: (typeof heard.choices)[number]) => ({
      text,
      refusal,
      calls,
      finish,
    })
    expect(heard.choices.map(known)).toEqual(expected.choices.map(known))
    expect(heard.tokens).toEqual(expected.tokens)
  })

  test.each(answers)('is heard as a response: $name', async (recorded) => {
    const { dialect: upstream, stream, target: model } = recorded
    arena.upstreams[upstream].reply(replayCase(recorded, { chunk: 997 }))
    const request = { model, input: 'Hello' }
    const final = stream
      ? await client.responses.stream({ ...request, stream: true }).finalResponse()
      : await client.responses.create(request)
    const said = heardBy({ client: 'openai-responses', upstream, met: new LimitsMet() }, read(recorded))
    expect(comparable(readResponse(final as object as Json), said)).toEqual(comparable(said, said))
  })
})

describe.each(DIALECTS)('what goes wrong with %s', (upstream) => {
  const model = TARGETS[upstream]

  test.each([
    [400, OpenAI.BadRequestError],
    [429, OpenAI.RateLimitError],
    [503, OpenAI.InternalServerError],
  ])('%i is an error of the Responses API', async (status, type) => {
    const message = 'The provider says no.'
    const error = { message, type: 'any', code: status, status: 'ANY' }
    arena.upstreams[upstream].reply(json({ message, error }, { status }))
    for (const stream of [false, true]) {
      const thrown: unknown = await client.responses
        .create({ model, input: 'Hi', stream })
        .catch((each: unknown) => each)
      expect(thrown).toBeInstanceOf(type)
      expect(thrown).toMatchObject({ status, message: expect.stringContaining(message) as string })
    }
  })
})

test('a response that breaks off is an error', async () => {
  const start = 'data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"Once"}}]}\n\n'
  arena.upstreams['openai-chat'].reply(endMidStream(start, start.length))
  const stream = client.responses.stream({ model: TARGETS['openai-chat'], input: 'Hi' })
  await expect(stream.finalResponse()).rejects.toThrow(OpenAI.OpenAIError)
})
