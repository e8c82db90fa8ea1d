import { readFileSync } from 'node:fs'
import { definePlugin } from '@sluice/core'
import type { ChatResponse, JsonObject } from '@sluice/core'
import { createTestGateway, json, mockUpstream, testPlugin, testProvider } from '@sluice/core/testing'
import { openaiDialect, openaiResponses } from '@sluice/dialect-openai'
import { describe, expect, test } from 'vitest'
import { openai } from '../src/index.ts'
import example from './example.config.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const body = { model: 'openai/gpt-5.1', messages: [{ role: 'user', content: 'Hello' }] }
const environment = { OPENAI_API_KEY: 'sk-test-0123456789' }

/** The one of the two dialects that the suite is to speak. */
const responsesDialect = definePlugin({
  name: 'dialect-responses',
  version: '0.0.0',
  api: 1,
  setup: ({ addDialect }) => addDialect(openaiResponses),
})

testPlugin({ test, plugin: openai({ apiKey: 'sk-test-0123456789' }), supporting: [openaiDialect()] })

testProvider({
  test,
  plugin: openai,
  dialectPlugin: openaiDialect(),
  model: 'gpt-5.1',
  credential: { header: 'authorization', value: (key) => `Bearer ${key}` },
  paths: { chat: '/chat/completions', stream: '/chat/completions' },
})

testProvider({
  test: (name, run) => test(`Responses: ${name}`, run),
  plugin: (options) => openai({ ...options, api: 'responses' }),
  dialectPlugin: responsesDialect(),
  model: 'gpt-5.1',
  credential: { header: 'authorization', value: (key) => `Bearer ${key}` },
  paths: { chat: '/responses', stream: '/responses' },
})

test('the example of the README boots', async () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
  await using gateway = await createTestGateway(example, { environment })
  expect(gateway.gateway.inspect().providers).toEqual([
    { id: 'openai', kind: 'wire', dialect: 'openai-chat', address: 'https://api.openai.com/v1', vendor: 'openai' },
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

describe('with the Responses API', () => {
  /** What reaches OpenAI of a client's `input`, and what of it was reported as dropped. */
  async function sent(input: unknown[]): Promise<{ bytes: string; input: unknown; dropped: unknown }> {
    await using upstream = await mockUpstream()
    upstream.reply(json({ id: 'resp_1', object: 'response', status: 'completed', output: [] }))
    const plugin = openai({ apiKey: 'sk-test-0123456789', baseUrl: upstream.url, api: 'responses' })
    await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
    const reply = await gateway.request('/v1/responses', { body: { model: 'openai/gpt-5.1', input } })
    expect(reply.status).toBe(200)
    const request = await upstream.request()
    expect(request.json().model).toBe('gpt-5.1')
    const dropped = reply.headers['x-sluice-dropped-params']
    return { bytes: request.body.toString(), input: request.json().input, dropped }
  }

  const question = { role: 'user', content: 'Hi' }

  test('what OpenAI encrypted goes back to it as it is', async () => {
    const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' }
    const held = { type: 'item_reference', id: 'msg_1' }
    const { input, dropped } = await sent([question, thought, held])
    expect({ input, dropped }).toEqual({ input: [question, thought, held], dropped: undefined })
  })

  test('the thoughts of other providers do not', async () => {
    const answer: ChatResponse = {
      operation: 'chat',
      choices: [
        {
          index: 0,
          parts: [
            { type: 'reasoning', text: 'Hm.', signature: 'of-another', origin: 'anthropic' },
            { type: 'reasoning', text: 'No proof.' },
            { type: 'tool-call', id: 'c', name: 'f', arguments: '{}', signature: 'of-another', origin: 'anthropic' },
          ],
          finish: { unified: 'tool-calls' },
        },
      ],
      extensions: { anthropic: {} },
    }
    const codec = openaiResponses.codecs.chat!
    const request = codec.decodeRequest({ model: 'm', input: 'Hi' })
    const { output } = codec.encodeResponse(answer, { id: 'x1', model: 'm', request })
    const items = output as JsonObject[]
    expect(items.map(({ type }) => type)).toEqual(['reasoning', 'reasoning', 'reasoning', 'function_call'])
    const { bytes, input, dropped } = await sent([question, ...items])
    expect({ input, dropped }).toEqual({
      input: [question, items[3]],
      dropped: 'messages.reasoning, messages.signature',
    })
    expect(bytes).not.toMatch(/of-another|No proof/)
  })

  test('its dialect is told', async () => {
    const plugin = openai({ apiKey: 'sk-test-0123456789', api: 'responses' })
    await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
    expect(gateway.gateway.inspect().providers).toMatchObject([{ id: 'openai', dialect: 'openai-responses' }])
  })
})
