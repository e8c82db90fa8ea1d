import { readFileSync } from 'node:fs'
import type { JsonObject } from '@sluice/core'
import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { describe, expect, test } from 'vitest'
import { echo } from '../src/index.ts'
import example from './example.config.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const messages = [{ role: 'user', content: 'Hello there' }]
const config = { plugins: [openaiDialect(), anthropicDialect(), echo()] }

testPlugin({ test, plugin: echo() })

test('the example of the README boots and answers', async () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
  await using gateway = await createTestGateway(example)
  expect(gateway.gateway.models().map(({ name }) => name)).toEqual(['assistant', 'slow', 'echo/echo', 'slow-echo/echo'])
  const reply = await gateway.request('/v1/chat/completions', { body: { model: 'assistant', messages } })
  expect(reply.json()).toMatchObject({ choices: [{ message: { content: 'You said: Hello there' } }] })
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(echo.definition.version).toBe(version)
})

/** What a client of each API sends and gets. */
const apis: {
  api: string
  path: string
  request: JsonObject
  answer: JsonObject
  /** Pieces of text in a stream, and its last line. */
  streamed: { text: RegExp; end: string }
}[] = [
  {
    api: 'openai-chat',
    path: '/v1/chat/completions',
    request: { model: 'echo/any-name', messages },
    answer: {
      model: 'any-name',
      choices: [{ message: { content: 'You said: Hello there' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 2, completion_tokens: 4 },
    },
    streamed: { text: /"content":"([^"]+)"/g, end: 'data: [DONE]' },
  },
  {
    api: 'anthropic',
    path: '/v1/messages',
    request: { model: 'echo/any-name', messages, max_tokens: 100 },
    answer: {
      model: 'any-name',
      content: [{ type: 'text', text: 'You said: Hello there' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 2, output_tokens: 4 },
    },
    streamed: { text: /"text_delta","text":"([^"]+)"/g, end: 'data: {"type":"message_stop"}' },
  },
]

describe.each(apis)('to clients of $api', ({ path, request, answer, streamed }) => {
  test('it answers whole', async () => {
    await using gateway = await createTestGateway(config)
    const reply = await gateway.request(path, { body: request })
    expect([reply.status, reply.json()]).toMatchObject([200, answer])
  })

  test('it answers in a stream', async () => {
    await using gateway = await createTestGateway(config)
    const { text } = await gateway.request(path, { body: { ...request, stream: true } })
    const words = Array.from(text.matchAll(streamed.text), ([, word]) => word)
    expect(words).toEqual(['You', ' said:', ' Hello', ' there'])
    expect(text.trimEnd().split('\n').at(-1)).toBe(streamed.end)
  })

  test('it refuses what it cannot do', async () => {
    await using gateway = await createTestGateway(config)
    const reply = await gateway.request(path, { body: { ...request, max_tokens: 0 } })
    expect(reply.status).toBe(400)
  })
})

test('it stops when the client leaves', async () => {
  const slow = { plugins: [openaiDialect(), echo({ delay: '1h' })] }
  await using gateway = await createTestGateway({ ...slow, server: { drainTimeout: '60s' } })
  const controller = new AbortController()
  const body = { model: 'echo/echo', messages, stream: true }
  const reply = gateway.request('/v1/chat/completions', { body, signal: controller.signal })
  setTimeout(() => controller.abort(), 20)
  await expect(reply).rejects.toThrow('aborted')
  // Closing waits for exchanges in flight: it is quick only if this one has ended.
  const start = performance.now()
  await gateway.close()
  expect(performance.now() - start).toBeLessThan(5_000)
})
