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
import { cohereDialect } from '@sluice/dialect-cohere'
import { describe, expect, test } from 'vitest'
import { cohere } from '../src/index.ts'
import example from './example.config.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const apiKey = 'co-test-0123456789'
const body = { model: 'cohere/command-a-03-2025', messages: [{ role: 'user', content: 'Hello' }] }

testPlugin({ test, plugin: cohere({ apiKey }), supporting: [cohereDialect()] })

testProvider({
  test,
  plugin: cohere,
  dialectPlugin: cohereDialect(),
  model: 'command-a-03-2025',
  credential: { header: 'authorization', value: (key) => `Bearer ${key}` },
  paths: { chat: '/v2/chat', stream: '/v2/chat' },
})

test('the example of the README boots', async () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
  await using gateway = await createTestGateway(example, { environment: { CO_API_KEY: apiKey } })
  expect(gateway.gateway.inspect().providers).toEqual([
    { id: 'cohere', kind: 'wire', dialect: 'cohere', address: 'https://api.cohere.com', vendor: 'cohere' },
  ])
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(cohere.definition.version).toBe(version)
})

test('the name that a client gives its project goes along', async () => {
  await using upstream = await mockUpstream()
  upstream.reply(json({ id: 'r1', message: { role: 'assistant', content: [] }, finish_reason: 'COMPLETE' }))
  const plugin = cohere({ apiKey, baseUrl: upstream.url })
  await using gateway = await createTestGateway({ plugins: [cohereDialect(), plugin] })
  await gateway.request('/v2/chat', { headers: { 'x-client-name': 'crawler' }, body })
  expect((await upstream.request()).headers['x-client-name']).toBe('crawler')
})

test('the models named in the options are listed, in Cohere’s form for its clients', async () => {
  const plugin = cohere({ apiKey, models: ['command-a-03-2025'] })
  await using gateway = await createTestGateway({ plugins: [cohereDialect(), plugin] })
  const reply = await gateway.request('/v1/models', { headers: { 'user-agent': 'cohere-ai/8.1.0' } })
  expect(reply.json()).toMatchObject({
    models: [{ name: 'cohere/command-a-03-2025', endpoints: ['chat', 'embed', 'rerank'] }],
  })
})

describe('proofs of thought that clients have from other providers', () => {
  const marked = (proof: string): string => Buffer.from(`sluice:{"origin":"anthropic",${proof}}`).toString('base64')
  const proof = marked('"signature":"s"')
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }
  const hello = { role: 'user', content: 'Hello' }
  const sent = async (...messages: JsonObject[]) => {
    await using upstream = await mockUpstream()
    upstream.reply(json({ id: 'r1', message: { role: 'assistant', content: [] }, finish_reason: 'COMPLETE' }))
    const plugin = cohere({ apiKey, baseUrl: upstream.url })
    await using gateway = await createTestGateway({ plugins: [cohereDialect(), plugin] })
    const reply = await gateway.request('/v2/chat', { body: { model: 'cohere/m', messages: [hello, ...messages] } })
    return { messages: (await upstream.request()).json().messages, dropped: reply.headers['x-sluice-dropped-params'] }
  }
  const said = (content: JsonObject[], more: JsonObject = {}) => ({ role: 'assistant', content, ...more })
  const text = { type: 'text', text: 'Hi' }

  test.each<[string, JsonObject, JsonObject, string]>([
    [
      'a signature',
      said([{ type: 'thinking', thinking: 'Hm', sluice_proof: proof }, text]),
      said([{ type: 'thinking', thinking: 'Hm' }, text]),
      'messages.reasoning',
    ],
    [
      'an encrypted thought',
      said([{ type: 'thinking', thinking: '', sluice_proof: marked('"redacted":"x"') }], { tool_calls: [call] }),
      { role: 'assistant', tool_calls: [call] },
      'messages.reasoning',
    ],
    [
      'a call that is signed',
      { role: 'assistant', tool_plan: 'p', tool_calls: [{ ...call, sluice_proof: proof }, call] },
      { role: 'assistant', tool_plan: 'p', tool_calls: [call, call] },
      'messages.signature',
    ],
  ])('are left out and reported: %s', async (_, message, expected, dropped) => {
    expect(await sent(message)).toEqual({ messages: [hello, expected], dropped })
  })

  test('are looked for in vain in all else', async () => {
    const odd: JsonObject[] = [said([text]), { role: 'assistant', content: 'sluice_proof', tool_calls: null }]
    expect(await sent(...odd)).toEqual({ messages: [hello, ...odd], dropped: undefined })
  })
})

const PATHS: { readonly [endpoint: string]: string } = {
  chat: '/v2/chat',
  embeddings: '/v2/embed',
  rerank: '/v2/rerank',
}
const cases = recordedCases({ providers: ['cohere'] })

describe('recorded traffic', () => {
  test.each(cases.map((recorded) => [recorded.name, recorded] as const))(
    '%s passes as it came',
    async (_, recorded) => {
      await using upstream = await mockUpstream()
      upstream.reply(replayCase(recorded, { chunk: 'frame' }))
      const plugin = cohere({ apiKey, baseUrl: upstream.url })
      await using gateway = await createTestGateway({ plugins: [cohereDialect(), plugin] })
      const path = PATHS[recorded.meta.endpoint]!
      const request: JsonObject = { ...recorded.request, model: `cohere/${recorded.meta.model}` }
      const reply = await gateway.request(path, { body: request })
      expect(reply.status).toBe(recorded.status)
      if (recorded.stream) expect(reply.text).toBe(recorded.stream.toString())
      else expect(reply.json()).toEqual(recorded.response)
      const { path: asked, ...sent } = await upstream.request()
      expect([asked, JSON.parse(sent.body.toString())]).toEqual([path, recorded.request])
    },
  )
})
