import { readFileSync } from 'node:fs'
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
    { id: 'gemini', kind: 'wire', dialect: 'gemini', address: 'https://generativelanguage.googleapis.com' },
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
    endpoints: ['generateContent', 'streamGenerateContent'],
  })) {
    const { name, meta, requestBytes, responseBytes, stream, status } = recorded
    if (!requestBytes || status >= 400) continue
    test(name, async () => {
      await using upstream = await mockUpstream()
      upstream.reply(replayCase(recorded, { chunk: 'frame' }))
      await using gateway = await createTestGateway({
        plugins: [geminiDialect(), gemini({ apiKey, baseUrl: upstream.url })],
      })
      const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
      const reply = await gateway.request(`/v1beta/models/gemini/${meta.model}:${method}`, { body: requestBytes })
      expect([reply.status, reply.text]).toEqual([status, (stream ?? responseBytes)!.toString()])
      expect((await upstream.request()).body.equals(requestBytes)).toBe(true)
    })
  }
})
