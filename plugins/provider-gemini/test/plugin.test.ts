import { readFileSync } from 'node:fs'
import type { RecordedCase } from '@sluice/core/testing'
import {
  createTestGateway,
  json,
  mockUpstream,
  recordedCases,
  replayCase,
  sse,
  testPlugin,
  testProvider,
} from '@sluice/core/testing'
import { geminiDialect } from '@sluice/dialect-gemini'
import { describe, expect, test } from 'vitest'
import { gemini } from '../src/index.ts'
import example from './example.config.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const apiKey = 'AIza-test-0123456789'
const body = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }
const answer = { candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }] }

testPlugin({ test, plugin: gemini({ apiKey }), supporting: [geminiDialect()] })

testProvider({
  test,
  plugin: gemini,
  dialectPlugin: geminiDialect(),
  model: 'gemini-2.5-flash',
  credential: { header: 'x-goog-api-key', value: (key) => key },
  paths: {
    chat: '/v1beta/models/gemini-2.5-flash:generateContent',
    stream: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
  },
  clientPaths: {
    chat: '/v1beta/models/sample:generateContent',
    stream: '/v1beta/models/sample:streamGenerateContent?alt=sse',
  },
})

test('the example of the README boots', async () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
  await using gateway = await createTestGateway(example, { environment: { GEMINI_API_KEY: apiKey } })
  expect(gateway.gateway.inspect().providers).toEqual([
    {
      id: 'gemini',
      kind: 'wire',
      dialect: 'gemini',
      address: 'https://generativelanguage.googleapis.com',
      vendor: 'google',
    },
  ])
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(gemini.definition.version).toBe(version)
})

describe('the name of a model', () => {
  const ask = async (model: string) => {
    await using upstream = await mockUpstream()
    upstream.reply(json(answer))
    const plugin = gemini({ apiKey, baseUrl: upstream.url })
    await using gateway = await createTestGateway({ plugins: [geminiDialect(), plugin] })
    const reply = await gateway.request(`/v1beta/models/gemini/${model}:generateContent`, { body })
    return { status: reply.status, paths: upstream.requests.map(({ path }) => path) }
  }

  test.each([
    ['gemini-2.5-flash', '/v1beta/models/gemini-2.5-flash:generateContent'],
    ['models/gemini-2.5-flash', '/v1beta/models/gemini-2.5-flash:generateContent'],
    ['tunedModels/mine-1', '/v1beta/tunedModels/mine-1:generateContent'],
  ])('%s is asked at %s', async (model, path) => expect(await ask(model)).toEqual({ status: 200, paths: [path] }))

  test.each(['%2e%2e', 'a..b', 'a%3Fb', 'a%23b', 'files/x', 'tunedModels/a/b', 'a%3Ab', 'a%20b', 'a%25b'])(
    '%s is none: nothing is sent',
    async (model) => expect(await ask(model)).toEqual({ status: 400, paths: [] }),
  )
})

describe('other operations', () => {
  const text = (words: string, model: string) => ({ model: `models/${model}`, content: { parts: [{ text: words }] } })
  const counted = { totalTokens: 3 }
  const embeddings = { embeddings: [{ values: [0.5] }], usageMetadata: { promptTokenCount: 2 } }

  test.each<[method: string, asked: object, path: string, sent: object, answer: object]>([
    ['countTokens', body, ':countTokens', body, counted],
    [
      'countTokens',
      { generateContentRequest: { model: 'models/embed', ...body } },
      ':countTokens',
      { generateContentRequest: { model: 'models/gemini-embedding-001', ...body } },
      counted,
    ],
    [
      'batchEmbedContents',
      { requests: [text('A', 'embed')] },
      ':batchEmbedContents',
      { requests: [text('A', 'gemini-embedding-001')] },
      embeddings,
    ],
  ])('%s of %j goes to its path and comes back as it is', async (method, asked, path, sent, answer) => {
    await using upstream = await mockUpstream()
    upstream.reply(json(answer))
    await using gateway = await createTestGateway({
      models: { embed: 'gemini/gemini-embedding-001' },
      plugins: [geminiDialect(), gemini({ apiKey, baseUrl: upstream.url })],
    })
    for (const version of ['v1', 'v1beta']) {
      const reply = await gateway.request(`/${version}/models/embed:${method}`, { body: { ...asked } })
      expect([reply.status, reply.json()]).toEqual([200, answer])
      const request = upstream.requests.at(-1)!
      expect(request.path).toBe(`/v1beta/models/gemini-embedding-001${path}`)
      expect(request.json()).toEqual(sent)
    }
  })

  test('embedContent is asked as a batch of one', async () => {
    await using upstream = await mockUpstream()
    upstream.reply(json(embeddings))
    const plugin = gemini({ apiKey, baseUrl: upstream.url })
    await using gateway = await createTestGateway({ plugins: [geminiDialect(), plugin] })
    const asked = { content: { parts: [{ text: 'A' }] }, taskType: 'CLUSTERING', title: 'T' }
    const reply = await gateway.request('/v1beta/models/gemini/text-embedding-004:embedContent', { body: asked })
    const [embedding] = embeddings.embeddings
    expect(reply.json()).toEqual({ embedding, usageMetadata: embeddings.usageMetadata })
    const request = await upstream.request()
    expect(request.path).toBe('/v1beta/models/text-embedding-004:batchEmbedContents')
    expect(request.json()).toEqual({ requests: [{ ...asked, model: 'models/text-embedding-004' }] })
  })

  test('a refusal comes back as it is', async () => {
    await using upstream = await mockUpstream()
    const refusal = { error: { code: 400, message: 'Too many requests in the batch.', status: 'INVALID_ARGUMENT' } }
    upstream.reply(json(refusal, { status: 400 }))
    const plugin = gemini({ apiKey, baseUrl: upstream.url })
    await using gateway = await createTestGateway({ plugins: [geminiDialect(), plugin] })
    for (const [method, asked] of [
      ['countTokens', body],
      ['embedContent', text('A', 'gemini/m')],
      ['batchEmbedContents', { requests: [text('A', 'gemini/m')] }],
    ] as const) {
      const reply = await gateway.request(`/v1beta/models/gemini/m:${method}`, { body: asked })
      expect([reply.status, reply.json()]).toEqual([400, refusal])
    }
  })
})

test('what another provider gave the client to send back does not reach Gemini', async () => {
  await using upstream = await mockUpstream()
  upstream.reply(json(answer))
  const plugin = gemini({ apiKey, baseUrl: upstream.url })
  await using gateway = await createTestGateway({ plugins: [geminiDialect(), plugin] })
  const thoughtSignature = Buffer.from('sluice:{"origin":"anthropic","signature":"sig"}').toString('base64')
  const call = { functionCall: { id: 'a', name: 'f', args: {} } }
  const thought = { text: 'Hm.', thought: true }
  const turn = (...parts: object[]) => ({ contents: [...body.contents, { role: 'model', parts }] })
  const asked = turn({ ...thought, thoughtSignature }, { ...call, thoughtSignature })
  for (const [model, sent] of [
    ['gemini-2.5-flash', turn(thought, call)],
    ['gemini-3-pro-preview', turn(thought, { ...call, thoughtSignature: 'skip_thought_signature_validator' })],
  ] as const) {
    await gateway.request(`/v1beta/models/gemini/${model}:generateContent`, { body: asked })
    expect(upstream.requests.at(-1)!.json()).toEqual(sent)
  }
})

test('a stream that the client wants as one array comes from the upstream as events', async () => {
  await using upstream = await mockUpstream()
  upstream.reply(sse(`data: ${JSON.stringify(answer)}\r\n\r\n`))
  const plugin = gemini({ apiKey, baseUrl: upstream.url })
  await using gateway = await createTestGateway({ plugins: [geminiDialect(), plugin] })
  const reply = await gateway.request('/v1beta/models/gemini/gemini-2.5-flash:streamGenerateContent', { body })
  expect(JSON.parse(reply.text)).toMatchObject([
    { candidates: [{ content: { parts: [{ text: 'Hi' }] } }] },
    { candidates: [{ finishReason: 'STOP' }] },
  ])
  expect((await upstream.request()).path).toContain(':streamGenerateContent?alt=sse')
  expect((await upstream.request()).json()).toEqual(body)
})

describe('recorded traffic passes through untouched', () => {
  for (const recorded of recordedCases({
    providers: ['gemini'],
    endpoints: ['generateContent', 'streamGenerateContent', '/v1beta/models/gemini-embedding-001:batchEmbedContents'],
  })) {
    const { name, requestBytes, responseBytes, stream, status } = recorded
    if (!requestBytes || status >= 400) continue
    test(name, async () => {
      await using upstream = await mockUpstream()
      upstream.reply(replayCase(recorded, { chunk: 'frame' }))
      await using gateway = await createTestGateway({
        models: { [modelOf(recorded)]: `gemini/${modelOf(recorded)}` },
        plugins: [geminiDialect(), gemini({ apiKey, baseUrl: upstream.url })],
      })
      const reply = await gateway.request(placeOf(recorded), { body: requestBytes })
      expect([reply.status, reply.text]).toEqual([status, (stream ?? responseBytes)!.toString()])
      expect((await upstream.request()).body.equals(requestBytes)).toBe(true)
    })
  }
})

/** Some recordings name the resource. */
function modelOf({ meta }: RecordedCase): string {
  return meta.model.replace(/^models\//, '')
}

function placeOf(recorded: RecordedCase): string {
  const { endpoint, stream } = recorded.meta
  const method = endpoint.includes(':')
    ? endpoint.split(':')[1]!
    : stream
      ? 'streamGenerateContent?alt=sse'
      : 'generateContent'
  return `/v1beta/models/${modelOf(recorded)}:${method}`
}
