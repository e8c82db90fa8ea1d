/** Chats of Vercel's AI SDK, through each of its official providers, with upstreams of every dialect. */
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { geminiDialect } from '@sluice/dialect-gemini'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { compatible } from '@sluice/provider-compatible'
import { gemini } from '@sluice/provider-gemini'
import { memoryStore } from '@sluice/store-memory'
import { responseStore } from '@sluice/store-responses'
import { isStepCount, jsonSchema, tool } from 'ai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AI_CLIENTS, aiModels, aiPairs, askAi } from '../support/ai-sdk.ts'
import type { AiModels, AiPair, AskingAi, HeardByAi } from '../support/ai-sdk.ts'
import { openArena, TARGETS } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import type { ByDialect } from '../support/dialect-names.ts'
import { proofsFor, readProofs } from '../support/oracle/proofs.ts'
import type { Proofs } from '../support/oracle/proofs.ts'
import type { Question } from '../support/oracle/question.ts'
import type { Line } from '../support/say.ts'
import { THINKERS } from '../support/thinkers.ts'
import { WIRES } from '../support/wires.ts'

let arena: Arena
let models: AiModels
beforeAll(async () => {
  arena = await openArena()
  models = aiModels(arena.gateway.url)
  globalThis.AI_SDK_LOG_WARNINGS = false
})
afterAll(() => arena[Symbol.asyncDispose]())

/** @param lines what the upstream says, one after another */
function ask(
  { client, upstream, isStream, target }: AiPair,
  lines: readonly Line[],
  asking: Partial<AskingAi>,
): Promise<HeardByAi> {
  const [first, ...others] = lines.map((line) => WIRES[upstream].say(line, isStream))
  arena.upstreams[upstream].reply(first!, ...others)
  return askAi(isStream, { model: models[client](target), ...asking })
}

/** What reached the upstream last. */
function asked({ upstream }: AiPair): Question {
  const request = arena.upstreams[upstream].requests.at(-1)!
  return WIRES[upstream].readQuestion(request.json(), request.path)
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
const weather = tool({
  description: 'Now',
  inputSchema: jsonSchema<{ city: string }>(SCHEMA),
  execute: ({ city }) => Promise.resolve(`sun in ${city}`),
})
/** A question whose answer takes a second step. */
const LOOP = { prompt: 'Weather?', tools: { weather }, stopWhen: isStepCount(3) }

describe.each(aiPairs())('$client before $upstream, streaming: $isStream:', (pair) => {
  const { client, upstream } = pair

  test('a conversation', async () => {
    const heard = await ask(pair, [{ text: 'Γειά σου, κόσμε' }], {
      instructions: 'Be brief',
      messages: [
        { role: 'user', content: 'Say hi' },
        { role: 'assistant', content: 'Hi' },
        { role: 'user', content: 'Again, in “Ελληνικά”' },
      ],
      maxOutputTokens: 50,
      temperature: 0.5,
      stopSequences: ['END'],
    })
    expect(heard).toMatchObject({ text: 'Γειά σου, κόσμε', finish: 'stop', tokens: [10, 20] })
    expect(asked(pair)).toMatchObject({
      system: 'Be brief',
      turns: [
        { by: 'user', text: 'Say hi' },
        { by: 'assistant', text: 'Hi' },
        { by: 'user', text: 'Again, in “Ελληνικά”' },
      ],
      limit: 50,
      temperature: 0.5,
      // OpenAI's Responses API has none.
      stop: client === 'openai' || upstream === 'openai-responses' ? [] : ['END'],
    })
  })

  test('an image', async () => {
    const image = { type: 'file' as const, mediaType: 'image/png', data: Buffer.from(PNG, 'base64') }
    const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'What is this?' }, image] }]
    expect((await ask(pair, [{ text: 'A pixel.' }], { messages })).text).toBe('A pixel.')
    expect(asked(pair).turns).toEqual([
      { by: 'user', text: 'What is this?' },
      { by: 'user', image: `data:image/png;base64,${PNG}` },
    ])
  })

  test('an object by a schema', async () => {
    const heard = await ask(pair, [{ text: '{"city":"Rome"}' }], { prompt: 'Where?', schema: SCHEMA })
    expect(heard.output).toEqual({ city: 'Rome' })
    const { schema, tools } = asked(pair)
    // Of models that it does not know, Anthropic's provider asks with a tool.
    expect(schema ?? tools[0]?.schema).toEqual(SCHEMA)
  })

  test('tools that the SDK runs', async () => {
    const { requests } = arena.upstreams[upstream]
    const before = requests.length
    const heard = await ask(pair, [{ text: 'Let me see.', calls: CALLS }, { text: 'It is sunny.' }], {
      ...LOOP,
      // Unasked, it sends references to what OpenAI has stored.
      providerOptions: { openai: { store: false } },
    })
    expect(heard).toMatchObject({ text: 'It is sunny.', finish: 'stop', results: ['sun in Rome', 'sun in Zürich 🌧'] })
    expect(requests).toHaveLength(before + 2)
    const { tools, turns } = asked(pair)
    expect(tools).toEqual([{ name: 'weather', description: 'Now', schema: SCHEMA }])
    expect(turns).toEqual([
      { by: 'user', text: 'Weather?' },
      { by: 'assistant', text: 'Let me see.' },
      ...CALLS.map(({ id, name, arguments: input }) => ({ by: 'assistant', call: id, name, arguments: input })),
      ...CALLS.map(({ id, arguments: { city } }) => ({ by: 'tool', call: id, result: resultFor(client, city) })),
    ])
  })
})

/** As the client says it. Google's results are objects. */
function resultFor(client: AiPair['client'], city: string): string {
  const content = `sun in ${city}`
  return client === 'google' ? JSON.stringify({ name: 'weather', content }) : content
}

const thought = 'Both cities matter. 🌤'
const signature = 'EqRkc2ln+/8='
const encrypted = 'ErUBZW5j+/8='
/** How each upstream thinks. */
const THOUGHTS: ByDialect<readonly Proofs[]> = {
  'openai-chat': [{ thought, signature }, { encrypted }],
  'openai-responses': [{ thought, encrypted }],
  anthropic: [{ thought, signature }, { encrypted }],
  gemini: [{ thought, signature }],
  cohere: [{ thought }],
  bedrock: [{ thought, signature }, { encrypted }],
}

describe('a thought comes back with the results of tools:', () => {
  const cases = aiPairs(THINKERS).flatMap((pair) =>
    THOUGHTS[pair.upstream].map((proofs) => ({ ...pair, proofs, what: Object.keys(proofs).join(' and ') })),
  )

  test.each(cases)('$what of $upstream through $client, streaming: $isStream', comesBack)

  test.each(cases.filter(({ proofs }) => proofs.thought))(
    'and is shown: that of $upstream through $client, streaming: $isStream',
    async ({ proofs, what: _, ...pair }) => {
      const { thoughts } = await ask(pair, [{ ...proofs, text: 'It is sunny.' }], { prompt: 'Weather?' })
      expect(thoughts).toBe(pair.client === 'openai.chat' ? undefined : thought)
    },
  )
})

type Thinking = AiPair & { proofs: Proofs; what: string }

async function comesBack({ proofs, what: _, ...pair }: Thinking): Promise<void> {
  const { client, upstream } = pair
  const { text } = await ask(pair, [{ ...proofs, calls: CALLS }, { text: 'It is sunny.' }], {
    ...LOOP,
    reasoning: 'low',
    providerOptions: {
      openai: { store: false, forceReasoning: true },
      google: { thinkingConfig: { includeThoughts: true } },
    },
  })
  expect(text).toBe('It is sunny.')
  const body = arena.upstreams[upstream].requests.at(-1)!.json()
  expect(readProofs[upstream](body)).toEqual(returned(client, upstream, proofs))
  // Claude refuses to think on where its last thought is missing.
  if (upstream === 'anthropic') expect(body.thinking !== undefined).toBe(client !== 'openai.chat')
}

/** The SDK's provider for OpenAI's chats knows of no thoughts: Google's is told so, others go without. */
function returned(client: AiPair['client'], upstream: AiPair['upstream'], proofs: Proofs): Proofs {
  if (client !== 'openai.chat') return proofsFor(upstream, proofs, AI_CLIENTS[client] !== upstream)
  return upstream === 'gemini' ? { signature: 'skip_thought_signature_validator' } : {}
}

describe('where the gateway stores responses', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    const apiKey = 'sk-upstream'
    const { upstreams } = arena
    gateway = await createTestGateway({
      plugins: [
        [openaiDialect(), anthropicDialect(), geminiDialect()],
        compatible({ vendor: 'deepseek', apiKey, baseUrl: upstreams['openai-chat'].url }),
        anthropic({ apiKey, baseUrl: upstreams.anthropic.url }),
        gemini({ apiKey, baseUrl: upstreams.gemini.url }),
        memoryStore(),
        responseStore(),
      ],
    })
  })
  afterAll(() => gateway.close())

  const targets = { ...TARGETS, 'openai-chat': 'deepseek/deepseek-chat' }
  const pairs = aiPairs(targets).filter(
    ({ client, target }) => client === 'openai' && /^(deepseek|anthropic|gemini)\//.test(target),
  )

  test.each(pairs)('the SDK refers to them: before $upstream, streaming: $isStream', async (pair) => {
    const model = aiModels(gateway.url).openai(pair.target)
    const lines = [{ text: 'Let me see.', calls: CALLS }, { text: 'It is sunny.' }]
    expect(await ask(pair, lines, { ...LOOP, model })).toMatchObject({ text: 'It is sunny.', tokens: [10, 20] })
    expect(asked(pair).turns).toEqual([
      { by: 'user', text: 'Weather?' },
      { by: 'assistant', text: 'Let me see.' },
      ...CALLS.map(({ id, name, arguments: input }) => ({ by: 'assistant', call: id, name, arguments: input })),
      ...CALLS.map(({ id, arguments: { city } }) => ({ by: 'tool', call: id, result: `sun in ${city}` })),
    ])
  })
})
