import { definePlugin } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { json, sse } from '@sluice/core/testing'
import { consistsOf } from '@sluice/usage-kit'
import { describe, expect, test } from 'vitest'
import { CHAT, chatBody, chunk, chunks, completion, setUp } from './support/setting.ts'

const counts = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }
const price = { prices: { '*': { input: 1, output: 10 } } }
const header = { 'x-sluice-include-cost': 'true' }
const include = { usage: { include: true } }
const stream = chunks(
  chunk([{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: null }]),
  chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
  chunk([], { usage: counts }),
)
const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'served',
  content: [{ type: 'text', text: 'Hi' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1000, output_tokens: 100 },
}
const lastUsage = (text: string): JsonObject | undefined =>
  text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)) as { usage?: JsonObject; response?: { usage?: JsonObject } })
    .map(({ usage, response }) => usage ?? response?.usage)
    .findLast((usage) => usage)

describe('usage.cost', () => {
  test.each([
    ['in the body', { body: chatBody('openai/any', include) }],
    ['by a header', { body: chatBody('openai/any'), headers: header }],
  ])('comes with whole replies if asked for %s', async (_, request) => {
    await using setting = await setUp(price)
    setting.upstream.reply(json(completion(counts)))
    const reply = await setting.gateway.request(CHAT, request)
    expect(reply.json()).toEqual({ ...completion(counts), usage: { ...counts, cost: 0.002 } })
  })

  test.each([
    ['in the body', { body: chatBody('openai/any', { ...include, stream: true }) }],
    ['by a header', { body: chatBody('openai/any', { stream: true }), headers: header }],
  ])('comes with streams if asked for %s, which then end in usage', async (_, request) => {
    await using setting = await setUp(price)
    setting.upstream.reply(sse(stream))
    const reply = await setting.gateway.request(CHAT, request)
    expect(lastUsage(reply.text)).toEqual({ ...counts, cost: 0.002 })
    expect(reply.text).toMatch(/data: \[DONE\]\n\n$/)
  })

  test.each([
    [5_000_000, 0.005],
    [null, undefined],
  ])('is the sum of the steps of what consists of others: %s', async (nanoUsd, cost) => {
    const usage = { input: { total: 9, cacheRead: 0, cacheWrite: 0 }, output: { total: 1, reasoning: 0 } }
    const stepped = definePlugin({
      name: 'test-stepped',
      version: '1.0.0',
      api: 1,
      setup: ({ addProvider }) =>
        addProvider({
          kind: 'local',
          answer(_, { exchange }) {
            consistsOf(exchange, { usage, nanoUsd })
            return { operation: 'chat', choices: [], usage, extensions: {} }
          },
        }),
    })
    await using setting = await setUp(price, {}, [stepped()])
    const reply = await setting.gateway.request(CHAT, { body: chatBody('test-stepped/any', include) })
    expect((reply.json()['usage'] as JsonObject)['cost']).toBe(cost)
    expect(setting.cost()).toMatchObject({ nanoUsd: 0, source: 'steps' })
  })

  test('is not asked of the provider, which would refuse the question', async () => {
    await using setting = await setUp(price)
    setting.upstream.reply(json(completion(counts)))
    await setting.gateway.request(CHAT, { body: chatBody('openai/any', { ...include, top_p: 0.5, vendor_field: 1 }) })
    const sent = setting.upstream.requests[0]!.json()
    expect(sent).toMatchObject({ model: 'any', top_p: 0.5, vendor_field: 1 })
    expect(sent).not.toHaveProperty('usage')
  })

  test('comes in messages of Anthropic, from a provider of another dialect', async () => {
    await using setting = await setUp(price)
    setting.upstream.reply(json(completion(counts)), sse(stream))
    const body = chatBody('vllm/any', { max_tokens: 5 })
    const whole = await setting.gateway.request('/v1/messages', { body, headers: header })
    expect(whole.json()['usage']).toMatchObject({ cost: 0.002 })
    const streamed = await setting.gateway.request('/v1/messages', { body: { ...body, stream: true }, headers: header })
    expect(lastUsage(streamed.text)).toMatchObject({ cost: 0.002 })
  })

  test.each([
    ["Cohere's", '/v2/chat', 'usage', { model: 'vllm/any', messages: [{ role: 'user', content: 'Hello' }] }],
    [
      "Gemini's",
      '/v1beta/models/vllm/any:generateContent',
      'usageMetadata',
      { contents: [{ parts: [{ text: 'Hello' }] }] },
    ],
  ])('comes in %s replies', async (_, path, field, body) => {
    await using setting = await setUp(price)
    setting.upstream.reply(json(completion(counts)))
    const reply = await setting.gateway.request(path, { body, headers: header })
    expect(reply.json()[field]).toMatchObject({ cost: 0.002 })
  })

  test('comes in Responses, from a provider of another dialect', async () => {
    await using setting = await setUp(price)
    const { content: _, ...start } = message
    const events = [
      { type: 'message_start', message: { ...start, content: [], stop_reason: null } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 100 } },
      { type: 'message_stop' },
    ]
    const frames = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
    setting.upstream.reply(json(message), sse(frames))
    const body = { model: 'anthropic/any', input: 'Hello' }
    const whole = await setting.gateway.request('/v1/responses', { body, headers: header })
    expect(whole.json()['usage']).toMatchObject({ cost: 0.002 })
    const streamed = await setting.gateway.request('/v1/responses', {
      body: { ...body, stream: true },
      headers: header,
    })
    expect(lastUsage(streamed.text)).toMatchObject({ cost: 0.002 })
  })

  test('comes with messages of Anthropic itself', async () => {
    await using setting = await setUp(price)
    setting.upstream.reply(json(message))
    const body = chatBody('anthropic/any', { max_tokens: 5 })
    const reply = await setting.gateway.request('/v1/messages', { body, headers: header })
    expect(reply.json()).toEqual({ ...message, usage: { ...message.usage, cost: 0.002 } })
  })

  test('comes with embeddings', async () => {
    await using setting = await setUp(price)
    const answer = {
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [1] }],
      model: 'm',
      usage: { prompt_tokens: 5, total_tokens: 5 },
    }
    setting.upstream.reply(json(answer))
    const body = { model: 'openai/any', input: 'x' }
    const reply = await setting.gateway.request('/v1/embeddings', { body, headers: header })
    expect(reply.json()['usage']).toEqual({ prompt_tokens: 5, total_tokens: 5, cost: 0.000005 })
  })

  test('is left out where nobody knows it', async () => {
    await using setting = await setUp({ catalogue: false })
    setting.upstream.reply(json(completion(counts)))
    const reply = await setting.gateway.request(CHAT, { body: chatBody('openai/any'), headers: header })
    expect(reply.json()['usage']).toEqual(counts)
  })

  test('costs those nothing who do not ask: their bytes pass as they came', async () => {
    await using setting = await setUp(price)
    const bytes = JSON.stringify(completion(counts), null, 1)
    setting.upstream.reply(json(completion(counts)), (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(bytes)
    })
    await setting.gateway.request(CHAT, { body: chatBody('openai/any') })
    const reply = await setting.gateway.request(CHAT, { body: chatBody('openai/any', { usage: { include: false } }) })
    expect(reply.text).toBe(bytes)
    expect(setting.exchange().replyPath).toBe('observed')
  })
})
