/** LangChain's client for OpenAI, in both of its APIs, with upstreams of every dialect. */
import { HumanMessage, SystemMessage } from '@langchain/core/messages'
import type { AIMessageChunk, BaseMessage, HumanMessageFields } from '@langchain/core/messages'
import type { Runnable } from '@langchain/core/runnables'
import { DynamicStructuredTool } from '@langchain/core/tools'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import type { ChatOpenAIFields } from '@langchain/openai'
import { endMidStream, json } from '@sluice/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openArena, TARGETS } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import { DIALECTS } from '../support/dialect-names.ts'
import type { DialectName } from '../support/dialect-names.ts'
import { proofsFor, readProofs } from '../support/oracle/proofs.ts'
import type { Proofs } from '../support/oracle/proofs.ts'
import type { Question } from '../support/oracle/question.ts'
import type { Line } from '../support/say.ts'
import { THINKERS } from '../support/thinkers.ts'
import { WIRES } from '../support/wires.ts'

let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(() => arena[Symbol.asyncDispose]())

interface Pair {
  api: 'chat' | 'responses'
  upstream: DialectName
  isStream: boolean
}

const PAIRS = (['chat', 'responses'] as const).flatMap((api) =>
  DIALECTS.flatMap((upstream) => [false, true].map((isStream): Pair => ({ api, upstream, isStream }))),
)

/** As the documents say to set it up for another address; retries would only hide faults. */
function access() {
  return { apiKey: 'sk-client', configuration: { baseURL: `${arena.gateway.url}/v1` }, maxRetries: 0 }
}

/** @param lines what the upstream says, one after another */
function chatWith(
  { api, upstream, isStream }: Pair,
  lines: readonly Line[],
  fields: ChatOpenAIFields = {},
): ChatOpenAI {
  const [first, ...others] = lines.map((line) => WIRES[upstream].say(line, isStream))
  arena.upstreams[upstream].reply(first!, ...others)
  return new ChatOpenAI({ model: TARGETS[upstream], useResponsesApi: api === 'responses', ...access(), ...fields })
}

/** What reached the upstream last. */
function asked({ upstream }: Pair): Question {
  const request = arena.upstreams[upstream].requests.at(-1)!
  return WIRES[upstream].readQuestion(request.json(), request.path)
}

/** The answer, put together from its pieces if it is streamed. */
async function ask(
  chat: Runnable<BaseMessage[], AIMessageChunk>,
  isStream: boolean,
  ...messages: BaseMessage[]
): Promise<AIMessageChunk> {
  if (!isStream) return chat.invoke(messages)
  const pieces: AIMessageChunk[] = []
  for await (const piece of await chat.stream(messages)) pieces.push(piece)
  return pieces.reduce((whole, piece) => whole.concat(piece))
}

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='
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
const weather = new DynamicStructuredTool({
  name: 'weather',
  description: 'Now',
  schema: SCHEMA,
  func: ({ city }: { city: string }) => Promise.resolve(`sun in ${city}`),
})

/** Asks, runs the tools that are called, and goes on. */
async function loop(chat: ChatOpenAI, isStream: boolean): Promise<AIMessageChunk> {
  const bound = chat.bindTools([weather])
  const question = new HumanMessage('Weather?')
  const first = await ask(bound, isStream, question)
  expect(first.tool_calls).toMatchObject(CALLS.map(({ id, name, arguments: args }) => ({ id, name, args })))
  const results = await Promise.all(first.tool_calls!.map((call) => weather.invoke(call) as Promise<BaseMessage>))
  const last = await ask(bound, isStream, question, first, ...results)
  expect(last.text).toBe('It is sunny.')
  return first
}

describe.each(PAIRS)('$api before $upstream, streaming: $isStream:', (pair) => {
  const { api, upstream, isStream } = pair

  test('a conversation', async () => {
    const chat = chatWith(pair, [{ text: 'Γειά σου, κόσμε' }], { temperature: 0.5, maxTokens: 50 })
    const answer = await ask(chat, isStream, new SystemMessage('Be brief'), new HumanMessage('Hello'))
    expect(answer.text).toBe('Γειά σου, κόσμε')
    expect(answer.usage_metadata).toMatchObject({ input_tokens: 10, output_tokens: 20, total_tokens: 30 })
    expect(asked(pair)).toMatchObject({
      system: 'Be brief',
      turns: [{ by: 'user', text: 'Hello' }],
      limit: 50,
      temperature: 0.5,
    })
  })

  const url = `data:image/png;base64,${PNG}`
  const text = { type: 'text' as const, text: 'What is this?' }
  test.each<{ form: string; content: HumanMessageFields }>([
    { form: 'OpenAI', content: { content: [text, { type: 'image_url', image_url: { url } }] } },
    { form: 'LangChain', content: { contentBlocks: [text, { type: 'image', mimeType: 'image/png', data: PNG }] } },
  ])('an image in the form of $form', async ({ content }) => {
    const chat = chatWith(pair, [{ text: 'A pixel.' }])
    expect((await ask(chat, isStream, new HumanMessage(content))).text).toBe('A pixel.')
    expect(asked(pair).turns).toEqual([
      { by: 'user', text: 'What is this?' },
      { by: 'user', image: url },
    ])
  })

  test('tools', async () => {
    await loop(chatWith(pair, [{ text: 'Let me see.', calls: CALLS }, { text: 'It is sunny.' }]), isStream)
    const { tools, turns } = asked(pair)
    expect(tools).toEqual([{ name: 'weather', description: 'Now', schema: SCHEMA }])
    expect(turns).toEqual([
      { by: 'user', text: 'Weather?' },
      { by: 'assistant', text: 'Let me see.' },
      ...CALLS.map(({ id, name, arguments: input }) => ({ by: 'assistant', call: id, name, arguments: input })),
      ...CALLS.map(({ id, arguments: { city } }) => ({ by: 'tool', call: id, result: `sun in ${city}` })),
    ])
  })

  test('a thought', async () => {
    const thought = 'Both cities matter. 🌤'
    const proofs = PROOFS[upstream]
    const reasoning = { effort: 'low', ...(api === 'responses' && { summary: 'auto' as const }) } as const
    const chat = chatWith(pair, [{ thought, ...proofs, calls: CALLS }, { text: 'It is sunny.' }], {
      model: THINKERS[upstream],
      reasoning,
      zdrEnabled: true,
    })
    const { contentBlocks } = await loop(chat, isStream)
    const back = readProofs[upstream](arena.upstreams[upstream].requests.at(-1)!.json())
    // For chats the client shows thoughts, in one field, but does not send them back.
    if (api === 'chat') expect(back).toEqual(upstream === 'gemini' ? SKIPPED : {})
    else {
      expect(back).toEqual(proofsFor(upstream, { thought, ...proofs }, true))
      const shown = contentBlocks.flatMap((block) => (block.type === 'reasoning' ? block.reasoning : []))
      expect(shown.join('')).toBe(thought)
    }
  })

  test('refusals', async () => {
    for (const status of [400, 404, 429, 503]) {
      const chat = chatWith(pair, [{}])
      const error = { message: 'The provider says no.', type: 'any', code: status, status: 'ANY' }
      arena.upstreams[upstream].reply(json({ message: error.message, error }, { status }))
      const failure = await failing(ask(chat, isStream, new HumanMessage('Hello')))
      expect(failure).toMatchObject({ status, message: expect.stringContaining(error.message) as string })
    }
  })
})

// The client itself cannot put together an object from a stream of the Responses API.
const WHOLE = PAIRS.filter(({ api, isStream }) => api === 'chat' || !isStream)

describe.each(WHOLE)('$api before $upstream, streaming: $isStream:', (pair) => {
  test.each([
    { method: 'jsonSchema', line: { text: '{"city":"Rome"}' } },
    { method: 'functionCalling', line: { calls: [{ id: 'call_1', name: 'place', arguments: { city: 'Rome' } }] } },
  ] as const)('an object by a schema: $method', async ({ method, line }) => {
    const chat = chatWith(pair, [line]).withStructuredOutput({ title: 'place', ...SCHEMA }, { name: 'place', method })
    let object: unknown
    if (pair.isStream) for await (const grown of await chat.stream('Where?')) object = grown
    else object = await chat.invoke('Where?')
    expect(object).toEqual({ city: 'Rome' })
    const { schema, tools } = asked(pair)
    expect(schema ?? tools[0]?.schema).toMatchObject(SCHEMA)
  })
})

const PROOFS: { readonly [upstream in DialectName]: Proofs } = {
  'openai-chat': { signature: 'EqRkc2ln+/8=' },
  'openai-responses': { encrypted: 'ErUBZW5j+/8=' },
  anthropic: { signature: 'EqRkc2ln+/8=' },
  gemini: { signature: 'EqRkc2ln+/8=' },
  cohere: {},
  bedrock: { signature: 'EqRkc2ln+/8=' },
}
/** What Google is told in place of a signature that is lost. */
const SKIPPED = { signature: 'skip_thought_signature_validator' }

function failing(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => expect.fail('the client was answered'),
    (error: unknown) => error as Error,
  )
}

test.each(PAIRS.filter(({ upstream, isStream }) => isStream && upstream === 'anthropic'))(
  'an answer that breaks off is an error: $api',
  async (pair) => {
    const chat = chatWith(pair, [{}])
    const event = (type: string, fields: object): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
    const start = [
      event('message_start', { message: { id: 'm', type: 'message', role: 'assistant', content: [], usage: {} } }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Once upon a time' } }),
    ].join('')
    arena.upstreams.anthropic.reply(endMidStream(start, start.length))
    const { message } = await failing(ask(chat, true, new HumanMessage('Hello')))
    expect(message).toContain('broke off')
  },
)

describe('vectors', () => {
  const vectors = [
    [0.5, -1.25],
    [1, 0],
  ]
  const data = vectors.map((floats, index) => {
    return { object: 'embedding', index, embedding: Buffer.from(new Float32Array(floats).buffer).toString('base64') }
  })
  const EMBEDDERS = {
    'openai-chat': {
      model: 'openai/text-embedding-3-small',
      // Unasked, the client wants base64.
      answer: json({ object: 'list', data, usage: { prompt_tokens: 4, total_tokens: 4 } }),
    },
    gemini: {
      model: 'gemini/gemini-embedding-001',
      answer: json({ embeddings: vectors.map((values) => ({ values })), usageMetadata: { promptTokenCount: 4 } }),
    },
    cohere: {
      model: 'cohere/embed-v4.0',
      answer: json({ id: 'e', embeddings: { float: vectors }, meta: { billed_units: { input_tokens: 4 } } }),
    },
  }

  test.each(Object.keys(EMBEDDERS) as (keyof typeof EMBEDDERS)[])('of %s', async (upstream) => {
    const { model, answer } = EMBEDDERS[upstream]
    arena.upstreams[upstream].reply(answer)
    const embedder = new OpenAIEmbeddings({ model, dimensions: 2, ...access() })
    expect((await embedder.embedDocuments(['a', 'b'])).map((vector) => [...vector])).toEqual(vectors)
    expect([...(await embedder.embedQuery('a'))]).toEqual(vectors[0])
    const request = arena.upstreams[upstream].requests.at(-1)!.body.toString()
    expect(request).toMatch(/"(dimensions|outputDimensionality|output_dimension)":2/)
  })

  test('are refused where a provider has none', async () => {
    const embedder = new OpenAIEmbeddings({ model: 'anthropic/claude-sonnet-4-5', ...access() })
    expect(await failing(embedder.embedQuery('a'))).toMatchObject({ status: 400 })
  })
})
