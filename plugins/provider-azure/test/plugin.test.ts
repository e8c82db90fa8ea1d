import { readFileSync } from 'node:fs'
import type { GatewayError } from '@sluice/core'
import { createTestGateway, json, mockUpstream, testPlugin, testProvider } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { describe, expect, test } from 'vitest'
import { azure } from '../src/index.ts'
import example from './example.config.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const apiKey = 'azure-key-0123456789'
const baseUrl = 'https://my-resource.openai.azure.com'
const messages = [{ role: 'user', content: 'Hello' }]
const completion = json({ id: 'c1', choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' } }] })

type Options = Parameters<typeof azure>[0]

/** What reaches the resource when a client sends `body`. */
async function sent(options: Partial<Options>, body: object) {
  await using upstream = await mockUpstream()
  upstream.reply(completion)
  const plugin = azure({ baseUrl: upstream.url, ...options })
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
  const reply = await gateway.request('/v1/chat/completions', { body: { messages, ...body } })
  return { reply, request: upstream.requests[0] }
}

testPlugin({ test, plugin: azure({ apiKey, baseUrl }), supporting: [openaiDialect()] })

describe.each([
  ['v1 API', undefined, '/openai/v1/chat/completions'],
  ['API of deployments', '2024-10-21', '/openai/deployments/my-gpt-5/chat/completions?api-version=2024-10-21'],
])('the %s', (_, apiVersion, path) => {
  testProvider({
    test,
    plugin: (options) => azure({ ...options, ...(apiVersion !== undefined && { apiVersion }) }),
    dialectPlugin: openaiDialect(),
    model: 'my-gpt-5',
    credential: { header: 'api-key', value: (key) => key },
    paths: { chat: path, stream: path },
  })
})

test('the example of the README boots', async () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
  await using gateway = await createTestGateway(example, { environment: { AZURE_OPENAI_API_KEY: apiKey } })
  expect(gateway.gateway.inspect().providers).toEqual([
    { id: 'azure', kind: 'wire', dialect: 'openai-chat', address: baseUrl, vendor: 'azure' },
  ])
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(azure.definition.version).toBe(version)
})

describe('the address', () => {
  test.each<[string, Partial<Options>, string, string]>([
    ['v1', { apiKey, apiVersion: 'v1' }, 'gpt', '/openai/v1/chat/completions'],
    ['preview', { apiKey, apiVersion: 'preview' }, 'gpt', '/openai/v1/chat/completions?api-version=preview'],
    [
      'a date',
      { apiKey, apiVersion: '2025-01-01-preview' },
      'gpt',
      '/openai/deployments/gpt/chat/completions?api-version=2025-01-01-preview',
    ],
    [
      'a name that needs escaping',
      { apiKey, apiVersion: '2024-10-21' },
      'team/gpt 5+',
      '/openai/deployments/team%2Fgpt%205%2B/chat/completions?api-version=2024-10-21',
    ],
  ])('with %s', async (_, options, model, path) => {
    const { request } = await sent(options, { model: `azure/${model}` })
    expect(request!.path).toBe(path)
    expect(request!.json().model).toBe(model)
  })

  test('has no place for a name that is a way up the path', async () => {
    const { reply, request } = await sent({ apiKey, apiVersion: '2024-10-21' }, { model: 'azure/.' })
    expect([reply.status, reply.json()]).toMatchObject([404, { error: { code: 'model_not_found', param: 'model' } }])
    expect(request).toBeUndefined()
  })

  test.each(['/openai', '/openai/', '/openai/v1', '/openai/v1/'])('may be given with %s', async (tail) => {
    await using upstream = await mockUpstream()
    upstream.reply(completion)
    const plugin = azure({ apiKey, baseUrl: upstream.url + tail })
    await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
    await gateway.request('/v1/chat/completions', { body: { model: 'azure/gpt', messages } })
    expect((await upstream.request()).path).toBe('/openai/v1/chat/completions')
  })
})

describe('the credential', () => {
  test('may be a token that somebody else renews', async () => {
    const { request } = await sent({ accessToken: 'token-1' }, { model: 'azure/gpt' })
    expect(request!.headers.authorization).toBe('Bearer token-1')
    expect(request!.headers).not.toHaveProperty('api-key')
  })

  const entra = { tenantId: 't', clientId: 'c', clientSecret: 's' }
  test.each<[string, object]>([
    ['none', {}],
    ['two', { apiKey, accessToken: 'x' }],
    ['three', { apiKey, accessToken: 'x', entra }],
  ])('must be one, not %s', async (_, options) => {
    const plugin = azure({ baseUrl, ...options })
    const refusal = await createTestGateway({ plugins: [openaiDialect(), plugin] }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'config_invalid', message: expect.stringContaining('one of apiKey') })
  })
})

test('an unknown version of the API is refused at boot', async () => {
  const plugin = azure({ apiKey, baseUrl, apiVersion: '2024' })
  const refusal = await createTestGateway({ plugins: [openaiDialect(), plugin] }).catch((error: unknown) => error)
  expect((refusal as GatewayError).code).toBe('plugin_options')
})

describe('what the API does not know', () => {
  const asked = {
    model: 'azure/gpt',
    max_completion_tokens: 5,
    parallel_tool_calls: false,
    stream_options: { include_usage: true },
  }

  test.each(['2024-02-01', '2024-08-01-preview'])('is left out or called otherwise for %s', async (apiVersion) => {
    const { reply, request } = await sent({ apiKey, apiVersion }, asked)
    expect(request!.json()).toEqual({ model: 'gpt', messages, max_tokens: 5 })
    expect(reply.headers['x-sluice-dropped-params']).toBe('parallel_tool_calls, stream_options')
  })

  test.each(['2024-09-01-preview', '2024-10-21', 'v1'])('is sent for %s', async (apiVersion) => {
    const { request } = await sent({ apiKey, apiVersion }, asked)
    expect(request!.json()).toEqual({ messages, ...asked, model: 'gpt' })
  })

  test('of the assistant’s earlier thoughts is left out and reported', async () => {
    const said = { role: 'assistant', content: 'Hi' }
    const { reply, request } = await sent(
      { apiKey },
      { model: 'azure/gpt', messages: [...messages, { ...said, reasoning_content: 'r' }] },
    )
    expect(request!.json().messages).toEqual([...messages, said])
    expect(reply.headers['x-sluice-dropped-params']).toBe('messages.reasoning_content')
  })
})
