import { readFileSync } from 'node:fs'
import type { JsonObject } from '@sluice/core'
import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { echo } from '@sluice/provider-echo'
import { describe, expect, test } from 'vitest'
import { chains } from '../src/index.ts'
import example from './example.config.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const one = { steps: { say: { model: 'echo/echo', prompt: '{{input}}' } }, output: 'say' }

testPlugin({ test, plugin: chains({ chains: { one } }), supporting: [echo()] })

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(chains.definition.version).toBe(version)
})

const TEXT = 'You said: Mood: neutral. Topic: text. Question: My parcel is late'
const messages = [{ role: 'user', content: 'My parcel is late' }]

const apis: { api: string; path: string; request: JsonObject; answer: JsonObject; text: RegExp; end: string }[] = [
  {
    api: 'OpenAI',
    path: '/v1/chat/completions',
    request: { model: 'support', messages, stream_options: { include_usage: true } },
    answer: { model: 'support', choices: [{ message: { content: TEXT }, finish_reason: 'stop' }] },
    text: /"content":"([^"]+)"/g,
    end: 'data: [DONE]',
  },
  {
    api: 'Anthropic',
    path: '/v1/messages',
    request: { model: 'support', messages, max_tokens: 100 },
    answer: { model: 'support', content: [{ type: 'text', text: TEXT }], stop_reason: 'end_turn' },
    text: /"text_delta","text":"([^"]+)"/g,
    end: 'data: {"type":"message_stop"}',
  },
]

describe.each(apis)('the example of the README answers a client of $api', ({ path, request, answer, text, end }) => {
  test('whole', async () => {
    await using gateway = await createTestGateway(example)
    const { stream_options: _, ...body } = request
    const reply = await gateway.request(path, { body })
    expect([reply.status, reply.json()]).toMatchObject([200, answer])
    expect(reply.headers['x-sluice-model']).toBe('chain/support')
  })

  test('in a stream, word by word', async () => {
    await using gateway = await createTestGateway(example)
    const reply = await gateway.request(path, { body: { ...request, stream: true } })
    const pieces = Array.from(reply.text.matchAll(text), ([, piece]) => piece)
    expect(pieces.join('')).toBe(TEXT)
    expect(pieces.length).toBeGreaterThan(5)
    expect(reply.text.trimEnd().split('\n').at(-1)).toBe(end)
  })
})

test('the example stands in the README as it is', () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
})

test('a chain is in the list of models', async () => {
  await using gateway = await createTestGateway(example)
  const { data } = (await gateway.request('/v1/models')).json() as { data: { id: string }[] }
  expect(data.map(({ id }) => id)).toContain('support')
})
