import { definePlugin, GatewayError } from '@sluice/core'
import type { ChatRequest, Dialect, StreamPart } from '@sluice/core'
import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { gemini, geminiArray, geminiDialect, geminiSingle } from '../src/index.ts'
import { base } from './bodies.ts'
import { responsesOf } from './support.ts'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  name: string
  version: string
}

testPlugin({ test, plugin: geminiDialect() })

test('the plugin adds its dialects, under the name and version of its package', () => {
  const { definition } = geminiDialect()
  const added: Dialect[] = []
  void definition.setup({ addDialect: (dialect: Dialect) => added.push(dialect) } as never)
  expect(added).toEqual([gemini, geminiArray, geminiSingle])
  expect([`@sluice/${definition.name}`, definition.version]).toEqual([manifest.name, manifest.version])
})

/** Answers with the model that was asked for; throws halfway through the answer if that is `half`. */
const mirror = definePlugin({
  name: 'provider-mirror',
  version: '1.0.0',
  api: 1,
  id: 'mirror',
  setup({ addProvider }) {
    addProvider({
      kind: 'local',
      models: ['x/y'],
      answer(request: ChatRequest) {
        if (request.stream) return parts(request.model)
        const choice = {
          index: 0,
          parts: [{ type: 'text' as const, text: request.model }],
          finish: { unified: 'stop' as const },
        }
        return { operation: 'chat', choices: [choice], extensions: {} }
      },
    })
  },
})

async function* parts(model: string): AsyncGenerator<StreamPart> {
  yield { type: 'start' }
  yield { type: 'text-delta', block: 0, text: model }
  await Promise.resolve()
  if (model === 'half') throw new GatewayError('upstream_error', 'Cut.')
  yield { type: 'finish', finish: { unified: 'stop' } }
}

/** Where clients of another dialect list their models. */
const other: Dialect = {
  ...gemini,
  name: 'other',
  endpoints: [{ method: 'GET', path: '/v1/models', operation: 'models', answer: () => ({ other: true }) }],
}
const otherDialect = definePlugin({
  name: 'dialect-other',
  version: '1.0.0',
  api: 1,
  setup: ({ addDialect }) => addDialect(other),
})

describe('in a gateway', () => {
  const boot = () =>
    createTestGateway({ models: { fast: 'mirror/fast' }, plugins: [otherDialect(), geminiDialect(), mirror()] })

  test.each([
    ['/v1beta/models/fast:generateContent', 'fast'],
    ['/v1/models/fast:generateContent', 'fast'],
    ['/v1beta/models/mirror/groq/llama-3.3:generateContent?key=k', 'groq/llama-3.3'],
    ['/v1beta/models/mirror%2Fgroq%2Fllama-3.3:generateContent', 'groq/llama-3.3'],
    ['/v1beta/mirror/groq/llama-3.3:generateContent', 'groq/llama-3.3'],
    ['/v1beta/models/mirror%2Fft:gpt%3Amine:generateContent', 'ft:gpt:mine'],
  ])('POST %s asks the model %s', async (path, model) => {
    await using gateway = await boot()
    const reply = await gateway.request(path, { body: base })
    expect([reply.status, reply.json().candidates]).toMatchObject([200, [{ content: { parts: [{ text: model }] } }]])
  })

  test.each(['alt=sse', 'key=k&alt=sse', '$alt=sse', '%24alt=sse'])('?%s is a stream of events', async (query) => {
    await using gateway = await boot()
    const reply = await gateway.request(`/v1beta/models/fast:streamGenerateContent?${query}`, { body: base })
    expect(reply.headers['content-type']).toContain('text/event-stream')
    expect(responsesOf(reply.text)).toMatchObject([
      { candidates: [{ content: { parts: [{ text: 'fast' }] } }], modelVersion: 'fast' },
      { candidates: [{ finishReason: 'STOP' }] },
    ])
  })

  test.each(['', '?alt=json', '?$alt=json;enum-encoding=int'])('without, it is one array: %s', async (query) => {
    await using gateway = await boot()
    const reply = await gateway.request(`/v1/models/fast:streamGenerateContent${query}`, { body: base })
    expect(reply.headers['content-type']).toBe('application/json')
    expect(JSON.parse(reply.text)).toMatchObject([
      { candidates: [{ content: { parts: [{ text: 'fast' }] } }] },
      { candidates: [{ finishReason: 'STOP' }] },
    ])
  })

  test('an answer that breaks off ends with an error in both forms', async () => {
    await using gateway = await boot()
    const path = '/v1beta/mirror/half:streamGenerateContent'
    const events = await gateway.request(`${path}?alt=sse`, { body: base })
    const array = await gateway.request(path, { body: base })
    const broken = [
      { candidates: [{ content: { parts: [{ text: 'half' }] } }] },
      { error: { code: 502, message: 'Cut.' } },
    ]
    expect(responsesOf(events.text)).toMatchObject(broken)
    expect(JSON.parse(array.text)).toMatchObject(broken)
  })

  test('an unknown model and a wrong body are refused in Google’s envelope', async () => {
    await using gateway = await boot()
    const ask = (path: string, body: object) => gateway.request(path, { body: { ...body } })
    const unknown = await ask('/v1beta/models/nope:generateContent', base)
    expect([unknown.status, unknown.json()]).toMatchObject([404, { error: { code: 404, status: 'NOT_FOUND' } }])
    const wrong = await ask('/v1beta/models/fast:streamGenerateContent?alt=sse', { contents: [] })
    expect([wrong.status, wrong.json()]).toMatchObject([400, { error: { status: 'INVALID_ARGUMENT' } }])
  })

  const info = (name: string) => ({
    name: `models/${name}`,
    baseModelId: name,
    displayName: name,
    description: 'Served by mirror.',
    supportedGenerationMethods: [
      'generateContent',
      'streamGenerateContent',
      'countTokens',
      'embedContent',
      'batchEmbedContents',
    ],
  })

  test('models are listed in Gemini’s form', async () => {
    await using gateway = await boot()
    const get = async (path: string, headers = {}) => (await gateway.request(path, { headers })).json()
    const list = { models: [info('fast'), info('mirror/x/y')] }
    expect(await get('/v1beta/models')).toEqual(list)
    expect(await get('/v1beta/models/mirror/x/y')).toEqual(info('mirror/x/y'))
    expect(await get('/v1/models/fast', { 'x-goog-api-key': 'k' })).toEqual(info('fast'))
    expect((await gateway.request('/v1beta/models/nope')).status).toBe(404)
    // Under /v1 other dialects list theirs.
    expect(await get('/v1/models', { 'x-goog-api-key': 'k' })).toEqual(list)
    expect(await get('/v1/models', { 'x-goog-api-client': 'genai-js/1' })).toEqual(list)
    expect(await get('/v1/models?key=k')).toEqual(list)
    expect(await get('/v1/models?monkey=k', { authorization: 'Bearer k' })).toEqual({ other: true })
  })

  test('what hits no endpoint is answered in Google’s words if Google’s client asked', () => {
    expect([gemini.recognises!({ 'x-goog-api-client': 'x' }), gemini.recognises!({})]).toEqual([true, false])
  })
})
