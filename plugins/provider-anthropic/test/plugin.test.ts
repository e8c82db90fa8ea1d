import { readFileSync } from 'node:fs'
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
import { describe, expect, test } from 'vitest'
import { anthropic } from '../src/index.ts'
import example from './example.config.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const apiKey = 'sk-ant-test-0123456789'

testPlugin({ test, plugin: anthropic({ apiKey }), supporting: [anthropicDialect()] })

testProvider({
  test,
  plugin: anthropic,
  dialectPlugin: anthropicDialect(),
  model: 'claude-sonnet-4-5',
  credential: { header: 'x-api-key', value: (key) => key },
  paths: { chat: '/v1/messages', stream: '/v1/messages' },
})

test('the example of the README boots', async () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
  await using gateway = await createTestGateway(example, { environment: { ANTHROPIC_API_KEY: apiKey } })
  expect(gateway.gateway.inspect().providers).toEqual([
    { id: 'anthropic', kind: 'wire', dialect: 'anthropic', address: 'https://api.anthropic.com', vendor: 'anthropic' },
  ])
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(anthropic.definition.version).toBe(version)
})

describe('the version and the betas of the API', () => {
  const betas = ['context-1m-2025-08-07', 'files-api-2025-04-14']
  const cases = [
    { name: 'are the usual ones', options: {}, client: {}, sent: ['2023-06-01', undefined] },
    {
      name: 'are those of the options',
      options: { version: '2026-01-01', beta: betas },
      client: {},
      sent: ['2026-01-01', betas.join(',')],
    },
    {
      name: 'are the client’s, if it names any',
      options: { version: '2026-01-01', beta: betas },
      client: { 'anthropic-version': '2025-12-31', 'anthropic-beta': 'beta-of-the-client' },
      sent: ['2025-12-31', 'beta-of-the-client'],
    },
  ]
  test.each(cases)('$name', async ({ options, client, sent }) => {
    await using upstream = await mockUpstream()
    upstream.reply(json({ type: 'message', role: 'assistant', content: [], stop_reason: 'end_turn' }))
    const plugin = anthropic({ apiKey, baseUrl: upstream.url, ...options })
    await using gateway = await createTestGateway({ plugins: [anthropicDialect(), plugin] })
    await gateway.request('/v1/messages', {
      headers: client,
      body: { model: 'anthropic/claude-sonnet-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] },
    })
    const { headers } = await upstream.request()
    expect([headers['anthropic-version'], headers['anthropic-beta']]).toEqual(sent)
  })
})

const counts = recordedCases({ endpoints: ['messages.count_tokens'] })

test.each(counts.map((recorded) => [recorded.name, recorded] as const))(
  '%s comes through as it is, under the name of the target',
  async (_, recorded) => {
    await using upstream = await mockUpstream()
    upstream.reply(replayCase(recorded))
    const plugin = anthropic({ apiKey, baseUrl: upstream.url })
    const { model } = recorded.meta
    await using gateway = await createTestGateway({
      models: { fast: `anthropic/${model}` },
      plugins: [anthropicDialect(), plugin],
    })
    const body = { ...recorded.request, model: 'fast' }
    const headers = { 'anthropic-beta': 'b1', 'x-api-key': 'client-key' }
    const reply = await gateway.request('/v1/messages/count_tokens', { body, headers })
    expect([reply.status, reply.text]).toEqual([200, recorded.responseBytes!.toString()])
    const request = await upstream.request()
    expect([request.path, request.json()]).toEqual(['/v1/messages/count_tokens', recorded.request])
    expect(request.headers).toMatchObject({ 'x-api-key': apiKey, 'anthropic-beta': 'b1' })
  },
)
