/** Google's official SDK as a client, of Gemini itself and of vendors it does not know. */
import { ApiError, GoogleGenAI } from '@google/genai'
import type { Content, FunctionCall, FunctionDeclaration, GenerateContentResponse, Part } from '@google/genai'
import {
  createTestGateway,
  json,
  mockUpstream,
  rateLimited,
  recordedCases,
  replayCase,
  sse,
} from '@sluice/core/testing'
import type { MockUpstream, RecordedCase, TestGateway } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { geminiDialect } from '@sluice/dialect-gemini'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { gemini } from '@sluice/provider-gemini'
import { openai } from '@sluice/provider-openai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const CLIENT_KEY = 'client-key-fedcba9876543210'
const apiKey = 'upstream-key-0123456789abcdef'
const VENDORS = ['gemini', 'anthropic', 'openai'] as const
type Vendor = (typeof VENDORS)[number]
const MODELS = {
  gemini: 'gemini/gemini-3-pro-preview',
  anthropic: 'anthropic/claude-sonnet-4-20250514',
  openai: 'openai/gpt-5-nano',
}

let upstreams: { [vendor in Vendor]: MockUpstream }
let gateway: TestGateway
let ai: GoogleGenAI
beforeAll(async () => {
  upstreams = { gemini: await mockUpstream(), anthropic: await mockUpstream(), openai: await mockUpstream() }
  gateway = await createTestGateway({
    models: { assistant: MODELS.gemini, embedder: 'gemini/gemini-embedding-001' },
    plugins: [
      geminiDialect(),
      openaiDialect(),
      anthropicDialect(),
      gemini({ apiKey, baseUrl: upstreams.gemini.url }),
      anthropic({ apiKey, baseUrl: upstreams.anthropic.url }),
      openai({ apiKey, baseUrl: `${upstreams.openai.url}/v1` }),
    ],
  })
  ai = new GoogleGenAI({ apiKey: CLIENT_KEY, httpOptions: { baseUrl: gateway.url } })
})
afterAll(async () => {
  await gateway.close()
  await Promise.all(VENDORS.map((vendor) => upstreams[vendor].close()))
})

const recorded = new Map(recordedCases({ providers: [...VENDORS] }).map((each) => [each.name, each]))
const describeRecorded = recorded.size === 0 ? describe.skip : describe

function recording(name: string): RecordedCase {
  return recorded.get(name) ?? expect.unreachable(`there is no recording ${name}`)
}

function script(vendor: Vendor, name: string): void {
  upstreams[vendor].reply(replayCase(recording(name), { chunk: 61 }))
}

/** What a client takes from an answer, or from all pieces of one. */
function heard(responses: readonly GenerateContentResponse[]) {
  const parts = responses.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? [])
  const textOf = (thought: boolean): string =>
    parts.map((part) => ((part.thought === true) === thought ? (part.text ?? '') : '')).join('')
  const { promptTokenCount, candidatesTokenCount = 0, thoughtsTokenCount = 0 } = responses.at(-1)?.usageMetadata ?? {}
  return {
    text: textOf(false),
    thoughts: textOf(true),
    calls: parts.flatMap(({ functionCall }) => functionCall ?? []).map(({ name, args }) => [name, args]),
    finish: responses.at(-1)?.candidates?.[0]?.finishReason,
    tokens: [promptTokenCount, candidatesTokenCount + thoughtsTokenCount],
  }
}

async function collect(stream: AsyncIterable<GenerateContentResponse>): Promise<GenerateContentResponse[]> {
  const responses: GenerateContentResponse[] = []
  for await (const response of stream) responses.push(response)
  return responses
}

const weather: FunctionDeclaration = {
  name: 'weather',
  description: 'Get weather information for a location',
  parametersJsonSchema: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
}
const config = { tools: [{ functionDeclarations: [weather] }] }

describeRecorded('an answer', () => {
  test.each<[vendor: Vendor, name: string, said: object]>([
    [
      'gemini',
      'gemini/structured--gemini-3-flash-preview',
      { text: expect.stringContaining('{') as string, finish: 'STOP', calls: [] },
    ],
    ['gemini', 'gemini/parallel-tools--gemini-2-5-flash', { calls: [['dice_roll', {}]], finish: 'STOP' }],
    ['anthropic', 'anthropic/text--claude-3-haiku-20240307', { text: '7', finish: 'STOP', calls: [] }],
    ['openai', 'openai/chat-parallel-tools--gpt-5-nano', { finish: 'STOP', text: '' }],
  ])('of %s is heard: %s', async (vendor, name, said) => {
    script(vendor, name)
    const response = await ai.models.generateContent({ model: MODELS[vendor], contents: 'Hello' })
    expect(heard([response])).toMatchObject(said)
    expect(heard([response]).tokens).toEqual(tokensIn(recording(name)))
    expect(upstreams[vendor].requests.at(-1)!.headers['x-goog-api-key']).toBe(vendor === 'gemini' ? apiKey : undefined)
  })

  test.each<[vendor: Vendor, name: string, said: object]>([
    [
      'gemini',
      'gemini/stream-thinking-tools--gemini-3-pro-preview',
      { calls: [['weather', { location: 'Florence, Italy' }]], finish: 'STOP', tokens: [65, 110] },
    ],
    [
      'anthropic',
      'anthropic/stream-thinking-tools--claude-sonnet-4-20250514',
      {
        thoughts: expect.stringMatching(/^The user is asking for weather information/) as string,
        calls: [['weather', { location: 'Florence, Italy' }]],
        finish: 'STOP',
      },
    ],
    ['openai', 'openai/chat-stream-text--gpt-4o-mini', { text: expect.stringMatching(/./) as string, finish: 'STOP' }],
  ])('of %s is heard piece by piece: %s', async (vendor, name, said) => {
    script(vendor, name)
    const stream = await ai.models.generateContentStream({ model: MODELS[vendor], contents: 'Hello', config })
    expect(heard(await collect(stream))).toMatchObject(said)
  })
})

/** Input and output, as the vendors count them. */
function tokensIn({ response = {} }: RecordedCase): [number, number] {
  const usage = (response.usageMetadata ?? response.usage) as { [count: string]: number | undefined }
  const {
    promptTokenCount = 0,
    candidatesTokenCount = 0,
    thoughtsTokenCount = 0,
    input_tokens: input = 0,
    output_tokens: output = 0,
    prompt_tokens: prompt = 0,
    completion_tokens: completion = 0,
  } = usage
  return [promptTokenCount + input + prompt, candidatesTokenCount + thoughtsTokenCount + output + completion]
}

describeRecorded('a chat goes on where it was', () => {
  /** Asks for the weather, answers the call and gives the contents that reach the upstream then. */
  async function secondTurn(vendor: Vendor, name: string, end: string) {
    const chat = ai.chats.create({ model: MODELS[vendor], config })
    script(vendor, name)
    const calls = (await collect(await chat.sendMessageStream({ message: 'Weather?' }))).flatMap(callsIn)
    upstreams[vendor].reply(sse(end))
    const results = calls.map(({ id, name }): Part => ({
      functionResponse: {
        ...(id !== undefined && { id }),
        ...(name !== undefined && { name }),
        response: { output: 'sun' },
      },
    }))
    const last = await collect(await chat.sendMessageStream({ message: results }))
    expect(heard(last).text).toBe('Sunny.')
    return upstreams[vendor].requests.at(-1)!.json()
  }
  const callsIn = ({ functionCalls = [] }: GenerateContentResponse): FunctionCall[] => functionCalls

  test('with Gemini, whose signature comes back on its call', async () => {
    const name = 'gemini/stream-thinking-tools--gemini-3-pro-preview'
    const answer = { candidates: [{ content: { parts: [{ text: 'Sunny.' }], role: 'model' }, finishReason: 'STOP' }] }
    const { contents } = (await secondTurn('gemini', name, `data: ${JSON.stringify(answer)}\r\n\r\n`)) as {
      contents: Content[]
    }
    const call = contents.flatMap(({ parts = [] }) => parts).find(({ functionCall }) => functionCall)
    expect(recording(name).stream!.toString()).toContain(JSON.stringify(call?.thoughtSignature))
  })

  test('with Claude, whose thought comes back whole and with its signature', async () => {
    const name = 'anthropic/stream-thinking-tools--claude-sonnet-4-20250514'
    const { messages } = (await secondTurn('anthropic', name, CLAUDE_STREAM)) as { messages: { content: Block[] }[] }
    const [thinking, ...others] = messages[1]!.content
    expect(thinking).toEqual({ type: 'thinking', ...thoughtIn(recording(name).stream!) })
    expect(others).toMatchObject([{ type: 'tool_use', name: 'weather' }])
    expect(messages[2]!.content).toMatchObject([{ type: 'tool_result', tool_use_id: others[0]!.id }])
  })

  test('with Gemini after Claude, which is not shown Claude’s signature', async () => {
    script('anthropic', 'anthropic/stream-thinking-tools--claude-sonnet-4-20250514')
    const first = await collect(
      await ai.models.generateContentStream({ model: MODELS.anthropic, contents: 'Weather?', config }),
    )
    const contents = [
      { role: 'user', parts: [{ text: 'Weather?' }] },
      ...first.flatMap(({ candidates }) => candidates?.[0]?.content ?? []),
    ]
    script('gemini', 'gemini/structured--gemini-3-flash-preview')
    await ai.models.generateContent({ model: MODELS.gemini, contents, config })
    const sent = upstreams.gemini.requests.at(-1)!.json() as { contents: Content[] }
    const parts = sent.contents.flatMap((content) => content.parts ?? [])
    // Google's stand-in for the signature of a call that another model made.
    const stand = 'skip_thought_signature_validator'
    expect(parts.flatMap(({ thoughtSignature }) => thoughtSignature ?? [])).toEqual([stand])
    expect(parts.some(({ functionCall }) => functionCall?.name === 'weather')).toBe(true)
  })
})

type Block = { type: string; id?: string }
type Delta = { thinking?: string; signature?: string }

const CLAUDE_STREAM = [
  {
    type: 'message_start',
    message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage: { input_tokens: 1 } },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Sunny.' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
  { type: 'message_stop' },
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('')

/** What Claude thought, from the wire. */
function thoughtIn(stream: Buffer): { thinking: string; signature: string } {
  const deltas = stream
    .toString()
    .split('\n')
    .flatMap((line) => (line.startsWith('data:') ? [JSON.parse(line.slice(5)) as { delta?: Delta }] : []))
    .map(({ delta }) => delta ?? {})
  const join = (field: keyof Delta): string => deltas.map((delta) => delta[field] ?? '').join('')
  return { thinking: join('thinking'), signature: join('signature') }
}

describe('tokens are counted', () => {
  test('by Gemini', async () => {
    upstreams.gemini.reply(json({ totalTokens: 31, cachedContentTokenCount: 7 }))
    expect(await ai.models.countTokens({ model: 'assistant', contents: 'Hello' })).toMatchObject({
      totalTokens: 31,
      cachedContentTokenCount: 7,
    })
    expect(upstreams.gemini.requests.at(-1)!.path).toBe('/v1beta/models/gemini-3-pro-preview:countTokens')
  })

  test('by Claude', async () => {
    upstreams.anthropic.reply(json({ input_tokens: 588 }))
    const { totalTokens } = await ai.models.countTokens({ model: MODELS.anthropic, contents: 'Hello' })
    expect(totalTokens).toBe(588)
    expect(upstreams.anthropic.requests.at(-1)!.path).toBe('/v1/messages/count_tokens')
  })
})

describe('embeddings', () => {
  test('of Gemini', async () => {
    const usageMetadata = { promptTokenCount: 4 }
    upstreams.gemini.reply(json({ embeddings: [{ values: [0.5, -1] }, { values: [1, 0] }], usageMetadata }))
    const settings = { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 2 }
    const response = await ai.models.embedContent({ model: 'embedder', contents: ['A', 'B'], config: settings })
    expect(response.embeddings?.map(({ values }) => values)).toEqual([
      [0.5, -1],
      [1, 0],
    ])
    expect(response.usageMetadata).toEqual(usageMetadata)
    const request = upstreams.gemini.requests.at(-1)!
    expect(request.path).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents')
    expect(request.json().requests).toMatchObject([
      { model: 'models/gemini-embedding-001', ...settings },
      { model: 'models/gemini-embedding-001', ...settings },
    ])
  })

  test('of OpenAI', async () => {
    const data = [{ object: 'embedding', index: 0, embedding: [0.5, -1] }]
    upstreams.openai.reply(json({ object: 'list', data, model: 'm', usage: { prompt_tokens: 4, total_tokens: 4 } }))
    const response = await ai.models.embedContent({
      model: 'openai/text-embedding-3-small',
      contents: 'A',
      config: { outputDimensionality: 2 },
    })
    expect(response.embeddings).toEqual([{ values: [0.5, -1] }])
    expect(upstreams.openai.requests.at(-1)!.json()).toMatchObject({ input: ['A'], dimensions: 2 })
  })

  test('of Gemini for a client of OpenAI', async () => {
    upstreams.gemini.reply(json({ embeddings: [{ values: [0.5, -1] }], usageMetadata: { promptTokenCount: 4 } }))
    const client = new OpenAI({ apiKey: CLIENT_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
    const response = await client.embeddings.create({ model: 'embedder', input: 'A', dimensions: 2 })
    expect(response.data.map(({ embedding }) => embedding)).toEqual([[0.5, -1]])
    expect(response.usage.prompt_tokens).toBe(4)
  })
})

describe('what goes wrong is the SDK’s own error', () => {
  const fault = async (work: Promise<unknown>): Promise<ApiError> => {
    const error: unknown = await work.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    return error as ApiError
  }

  test('an unknown model', async () => {
    const { status, message } = await fault(ai.models.generateContent({ model: 'nope', contents: 'Hello' }))
    expect([status, JSON.parse(message)]).toMatchObject([404, { error: { code: 404, status: 'NOT_FOUND' } }])
  })

  test.each(VENDORS)('a rate limit of %s', async (vendor) => {
    upstreams[vendor].reply(rateLimited(7, { type: 'rate_limit_error', message: 'Slow down.' }))
    for (const ask of [
      () => ai.models.generateContent({ model: MODELS[vendor], contents: 'Hello' }),
      () => ai.models.generateContentStream({ model: MODELS[vendor], contents: 'Hello' }),
    ]) {
      const { status, message } = await fault(ask())
      expect([status, message]).toEqual([429, expect.stringContaining('Slow down.')])
    }
  })

  test('a stream that ends with an error', async () => {
    const [start, , delta] = CLAUDE_STREAM.split(/(?<=\n\n)/)
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    upstreams.anthropic.reply(sse(`${start}${delta}event: error\ndata: ${JSON.stringify(error)}\n\n`))
    const stream = await ai.models.generateContentStream({ model: MODELS.anthropic, contents: 'Hello' })
    const { message } = await fault(collect(stream))
    expect(message).toContain('Overloaded')
  })
})

test('models are listed, each with what is known of it', async () => {
  const names: (string | undefined)[] = []
  for await (const { name } of await ai.models.list()) names.push(name)
  expect(names).toEqual(['models/assistant', 'models/embedder'])
  expect(await ai.models.get({ model: 'assistant' })).toMatchObject({
    name: 'models/assistant',
    displayName: 'assistant',
    description: 'Served by gemini.',
    supportedActions: expect.arrayContaining(['generateContent', 'countTokens', 'embedContent']) as string[],
  })
})
