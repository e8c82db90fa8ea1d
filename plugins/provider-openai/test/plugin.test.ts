import { readFileSync } from 'node:fs'
import { createTestGateway, json, mockUpstream, testPlugin, testProvider } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { expect, test } from 'vitest'
import { openai } from '../src/index.ts'
import example from './example.config.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const body = { model: 'openai/gpt-5.1', messages: [{ role: 'user', content: 'Hello' }] }
const environment = { OPENAI_API_KEY: 'sk-test-0123456789' }

testPlugin({ test, plugin: openai({ apiKey: 'sk-test-0123456789' }), supporting: [openaiDialect()] })

testProvider({
  test,
  plugin: openai,
  dialectPlugin: openaiDialect(),
  model: 'gpt-5.1',
  credential: { header: 'authorization', value: (key) => `Bearer ${key}` },
  paths: { chat: '/chat/completions', stream: '/chat/completions' },
})

test('the example of the README boots', async () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
  await using gateway = await createTestGateway(example, { environment })
  expect(gateway.gateway.inspect().providers).toEqual([
    { id: 'openai', kind: 'wire', dialect: 'openai-chat', address: 'https://api.openai.com/v1' },
  ])
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(openai.definition.version).toBe(version)
})

test('requests name the organization and the project that pay, and no more than that', async () => {
  await using upstream = await mockUpstream()
  upstream.reply(json({ choices: [] }))
  const plugin = openai({
    apiKey: 'sk-test-0123456789',
    baseUrl: upstream.url,
    organization: 'org-1',
    project: 'proj-1',
  })
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
  await gateway.request('/v1/chat/completions', {
    headers: { 'openai-organization': 'org-client', 'openai-project': 'proj-client' },
    body,
  })
  const { headers } = await upstream.request()
  expect(headers).toMatchObject({ 'openai-organization': 'org-1', 'openai-project': 'proj-1' })
})

test('earlier thoughts of the assistant, which its API does not know, are left out and reported', async () => {
  await using upstream = await mockUpstream()
  upstream.reply(json({ choices: [] }))
  const plugin = openai({ apiKey: 'sk-test-0123456789', baseUrl: upstream.url })
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
  const said = { role: 'assistant', content: 'Hi' }
  const messages = [...body.messages, { ...said, reasoning_content: 'r' }, ...body.messages]
  const reply = await gateway.request('/v1/chat/completions', { body: { ...body, messages } })
  expect((await upstream.request()).json().messages).toEqual([...body.messages, said, ...body.messages])
  expect(reply.headers['x-sluice-dropped-params']).toBe('messages.reasoning_content')
})

test('a configured header stands in place of the credential, however it is written', async () => {
  await using upstream = await mockUpstream()
  upstream.reply(json({ choices: [] }))
  const headers = { Authorization: 'Token of-the-proxy' }
  const plugin = openai({ apiKey: 'sk-test-0123456789', baseUrl: upstream.url, headers })
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
  await gateway.request('/v1/chat/completions', { body })
  expect((await upstream.request()).headers.authorization).toBe('Token of-the-proxy')
})

test('the models named in the options are listed', async () => {
  const plugin = openai({ apiKey: 'sk-test-0123456789', models: ['gpt-5.1', 'gpt-5.1-mini'] })
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
  expect(gateway.gateway.models().map(({ name }) => name)).toEqual(['openai/gpt-5.1', 'openai/gpt-5.1-mini'])
})
