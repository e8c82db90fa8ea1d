import { readFileSync } from 'node:fs'
import type { JsonObject } from '@sluice/core'
import {
  createTestGateway,
  json,
  mockUpstream,
  recordedCases,
  replayCase,
  testPlugin,
  testProvider,
} from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { geminiDialect } from '@sluice/dialect-gemini'
import { describe, expect, test } from 'vitest'
import { vertex } from '../src/index.ts'
import example from './example.config.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const account = { project: 'my-project', location: 'us-east5', accessToken: 'ya29.test-0123456789' }
const parent = '/v1/projects/my-project/locations/us-east5/publishers'

testPlugin({ test, plugin: vertex(account), supporting: [geminiDialect()] })

describe('Gemini', () => {
  testProvider({
    test,
    plugin: ({ apiKey, ...options }) => vertex({ ...account, ...options, accessToken: apiKey }),
    dialectPlugin: geminiDialect(),
    model: 'gemini-2.5-flash',
    credential: { header: 'authorization', value: (key) => `Bearer ${key}` },
    paths: {
      chat: `${parent}/google/models/gemini-2.5-flash:generateContent`,
      stream: `${parent}/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse`,
    },
    clientPaths: {
      chat: '/v1beta/models/sample:generateContent',
      stream: '/v1beta/models/sample:streamGenerateContent?alt=sse',
    },
  })
})

describe('Claude', () => {
  testProvider({
    test,
    plugin: ({ apiKey, ...options }) => vertex({ ...account, ...options, accessToken: apiKey, publisher: 'anthropic' }),
    dialectPlugin: anthropicDialect(),
    model: 'claude-sonnet-4-5@20250929',
    credential: { header: 'authorization', value: (key) => `Bearer ${key}` },
    paths: {
      chat: `${parent}/anthropic/models/claude-sonnet-4-5@20250929:rawPredict`,
      stream: `${parent}/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict`,
    },
  })
})

test('the example of the README boots', async () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
  await using gateway = await createTestGateway(example)
  const address = 'https://us-east5-aiplatform.googleapis.com'
  expect(gateway.gateway.inspect().providers).toEqual([
    { id: 'vertex', kind: 'wire', dialect: 'gemini', address, vendor: 'google' },
    { id: 'vertex-claude', kind: 'wire', dialect: 'anthropic', address, vendor: 'google' },
  ])
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(vertex.definition.version).toBe(version)
})

test.each([
  [undefined, 'https://aiplatform.googleapis.com'],
  ['global', 'https://aiplatform.googleapis.com'],
  ['europe-west4', 'https://europe-west4-aiplatform.googleapis.com'],
  ['eu', 'https://aiplatform.eu.rep.googleapis.com'],
])('the address of the location %s is %s', async (location, address) => {
  const plugin = vertex({ project: 'p', accessToken: 'token-0123456789', ...(location !== undefined && { location }) })
  await using gateway = await createTestGateway({ plugins: [geminiDialect(), plugin] })
  expect(gateway.gateway.inspect().providers).toMatchObject([{ address }])
})

/** Asks a model of `publisher` as a client of its dialect; what the upstream saw, if it saw anything. */
async function ask(publisher: 'google' | 'anthropic', model: string, body: JsonObject, headers = {}) {
  await using upstream = await mockUpstream()
  upstream.reply(
    json(
      publisher === 'google'
        ? { candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }] }
        : { type: 'message', role: 'assistant', content: [], stop_reason: 'end_turn' },
    ),
  )
  await using gateway = await createTestGateway({
    plugins: [geminiDialect(), anthropicDialect(), vertex({ ...account, publisher, baseUrl: upstream.url })],
  })
  const reply = await (publisher === 'google'
    ? gateway.request(`/v1beta/models/vertex/${model}:generateContent`, { headers, body })
    : gateway.request('/v1/messages', { headers, body: { ...body, model: `vertex/${decodeURIComponent(model)}` } }))
  return { reply, seen: upstream.requests }
}

const hello = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }

describe('the name of a model', () => {
  test.each([
    ['gemini-2.5-flash', `${parent}/google/models/gemini-2.5-flash`],
    ['gemini-embedding@001', `${parent}/google/models/gemini-embedding@001`],
    ['endpoints/1234', '/v1/projects/my-project/locations/us-east5/endpoints/1234'],
  ])('%s is asked at %s', async (model, path) => {
    const { seen } = await ask('google', model, hello)
    expect(seen.map((request) => request.path)).toEqual([`${path}:generateContent`])
  })

  test.each(['%2e%2e', 'a..b', 'a%3Fb', 'a%23b', 'models/x', 'a%3Ab', 'a%25b'])(
    '%s is none: nothing is sent',
    async (model) => {
      const { reply, seen } = await ask('google', model, hello)
      expect([reply.status, seen]).toEqual([400, []])
    },
  )

  test('of Claude is checked as well', async () => {
    const body = { max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] }
    const { reply, seen } = await ask('anthropic', 'claude%2F..%2Fx', body)
    expect([reply.status, seen]).toEqual([400, []])
  })
})

describe('a body for Claude', () => {
  const body = { max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }], metadata: { user_id: 'ä' } }

  test('names the version of the API and no model', async () => {
    const { reply, seen } = await ask('anthropic', 'claude-sonnet-4-5@20250929', body)
    expect(reply.status).toBe(200)
    expect(seen[0]!.json()).toEqual({ ...body, anthropic_version: 'vertex-2023-10-16' })
  })

  test('brings the betas that the client asks for', async () => {
    const { seen } = await ask('anthropic', 'claude-sonnet-4-5', body, { 'anthropic-beta': 'context-1m-2025-08-07' })
    expect(seen[0]!.headers['anthropic-beta']).toBe('context-1m-2025-08-07')
  })
})

describe('a body for Gemini', () => {
  const call = (name: string, id?: string) => ({ functionCall: { ...(id && { id }), name, args: { id: 'kept' } } })
  const result = (name: string, output: string, id?: string) => ({
    functionResponse: { ...(id && { id }), name, response: { output } },
  })
  const talk = (calls: JsonObject[], results: JsonObject[]) => ({
    contents: [...hello.contents, { role: 'model', parts: calls }, { role: 'user', parts: results }],
  })

  test('passes byte by byte where there is nothing to change', async () => {
    const body = talk([call('f')], [result('f', 'x')])
    const { seen } = await ask('google', 'gemini-2.5-flash', body)
    expect(seen[0]!.body.toString()).toBe(JSON.stringify(body))
  })

  test('loses the ids of calls, which Vertex AI does not know, and has their results in order instead', async () => {
    const body = talk(
      [call('f', 'a'), { text: 'and' }, call('f', 'b')],
      [{ text: 'Here:' }, result('f', 'of b', 'b'), result('f', 'of a', 'a'), { text: 'Go on.' }],
    )
    const { reply, seen } = await ask('google', 'gemini-2.5-flash', body)
    expect(seen[0]!.json()).toEqual(
      talk(
        [call('f'), { text: 'and' }, call('f')],
        [{ text: 'Here:' }, result('f', 'of a'), result('f', 'of b'), { text: 'Go on.' }],
      ),
    )
    expect(reply.headers).not.toHaveProperty('x-sluice-dropped-params')
  })

  test('also in snake_case, and whatever else is in there', async () => {
    const body = {
      contents: [
        { role: 'model', parts: [{ function_call: { id: 'a', name: 'f' } }, 'x', null] },
        { role: 'user', parts: [{ function_response: { id: 'a', name: 'f', response: {} } }] },
        { role: 'user' },
        'nonsense',
      ],
    }
    const { seen } = await ask('google', 'gemini-2.5-flash', body)
    expect(seen[0]!.json()).toEqual({
      contents: [
        { role: 'model', parts: [{ function_call: { name: 'f' } }, 'x', null] },
        { role: 'user', parts: [{ function_response: { name: 'f', response: {} } }] },
        { role: 'user' },
        'nonsense',
      ],
    })
  })
})

describe('recorded traffic', () => {
  const cases = recordedCases({
    providers: ['vertex'],
    endpoints: ['generateContent', 'streamGenerateContent', 'streamRawPredict'],
  })
  for (const recorded of cases) {
    const { name, meta, request, response, stream, status } = recorded
    if (!request || (response === undefined && stream === undefined)) continue
    test(`${name} passes through`, async () => {
      await using upstream = await mockUpstream()
      upstream.reply(replayCase(recorded, { chunk: 'frame' }))
      const publisher = meta.endpoint === 'streamRawPredict' ? 'anthropic' : 'google'
      const provider = vertex({ ...account, publisher, baseUrl: upstream.url })
      await using gateway = await createTestGateway({ plugins: [geminiDialect(), anthropicDialect(), provider] })
      const model = `vertex/${meta.model}`
      const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
      const reply = await (publisher === 'google'
        ? gateway.request(`/v1beta/models/${model}:${method}`, { body: request })
        : gateway.request('/v1/messages', { body: { ...request, model, anthropic_version: undefined } }))
      expect(reply.status).toBe(status)
      if (stream) expect(reply.text).toBe(stream.toString())
      else expect(reply.json()).toEqual(response)
      expect((await upstream.request()).json()).toEqual(request)
    })
  }
})
