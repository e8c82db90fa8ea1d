import { readFileSync } from 'node:fs'
import { definePlugin } from '@sluice/core'
import type { GatewayConfig, JsonObject } from '@sluice/core'
import { json, SAMPLE_RESPONSES, sse, testPlugin } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { describe, expect, test } from 'vitest'
import { prices } from '../src/index.ts'
import { CHAT, chatBody, chunk, chunks, completion, setUp } from './support/setting.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

testPlugin({ test, plugin: prices({ prices: { 'a/*': { input: 1, output: 2 } } }), supporting: [openaiDialect()] })

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(prices.definition.version).toBe(version)
})

const counts = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }

describe('an exchange costs', () => {
  test('what the bundled list says for the vendor behind its target', async () => {
    await using setting = await setUp()
    setting.upstream.reply(json(completion({ ...counts, prompt_tokens_details: { cached_tokens: 400 } })))
    await setting.gateway.request(CHAT, { body: chatBody('openai/gpt-5.1') })
    expect(setting.cost()).toMatchObject({ nanoUsd: 600 * 1250 + 400 * 125 + 100 * 10_000 })
    expect(setting.cost()?.source).toMatch(/^genai-prices /)
    await setting.gateway.request(CHAT, { body: chatBody('openrouter/openai/gpt-5.1') })
    expect(setting.cost()?.nanoUsd).toBeGreaterThan(0)
  })

  test('the same as a stream, whose usage nobody but the gateway asked for', async () => {
    await using setting = await setUp()
    const said = chunk([{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }])
    setting.upstream.reply(sse(chunks(said, chunk([], { usage: counts }))))
    const reply = await setting.gateway.request(CHAT, { body: chatBody('openai/gpt-5.1', { stream: true }) })
    expect(reply.text).not.toContain('"usage":{')
    expect(setting.cost()?.nanoUsd).toBe(1000 * 1250 + 100 * 10_000)
  })

  test('what the options say before anything else, the most exact name first', async () => {
    await using setting = await setUp(
      { prices: { 'openai/*': { input: 2, output: 2 }, 'openai/gpt-5.1': { input: 1, output: 1 } } },
      { listed: { targets: ['openai/gpt-5.1'], about: { inputPrice: 7, outputPrice: 7 } } },
    )
    setting.upstream.reply(json(completion(counts)))
    await setting.gateway.request(CHAT, { body: chatBody('listed') })
    expect(setting.cost()).toMatchObject({ nanoUsd: 1_100_000, source: 'config' })
    await setting.gateway.request(CHAT, { body: chatBody('openai/other') })
    expect(setting.cost()?.nanoUsd).toBe(2_200_000)
  })

  test('what the config says about the model, before the bundled list', async () => {
    await using setting = await setUp(
      {},
      { listed: { targets: ['openai/gpt-5.1'], about: { inputPrice: 0.5, outputPrice: 3 } } },
    )
    setting.upstream.reply(json(completion(counts)))
    await setting.gateway.request(CHAT, { body: chatBody('listed') })
    expect(setting.cost()).toMatchObject({ nanoUsd: 500_000 + 300_000, source: 'config' })
  })

  test('what the config says about the target itself, before all else', async () => {
    await using setting = await setUp(
      { prices: { '*': { input: 5, output: 5 } }, margin: { 'openai/*': 1 } },
      { dear: { targets: [{ target: 'openai/m', about: { inputPrice: 2, outputPrice: 2 } }] }, plain: 'openai/m' },
    )
    setting.upstream.reply(json(completion(counts)))
    await setting.gateway.request(CHAT, { body: chatBody('dear') })
    expect(setting.cost()).toMatchObject({ nanoUsd: 4_400_000, source: 'config' })
    await setting.gateway.request(CHAT, { body: chatBody('plain') })
    expect(setting.cost()?.nanoUsd).toBe(11_000_000)
  })

  test('less by a discount on the bundled list, and more by a margin on everything', async () => {
    await using setting = await setUp({
      prices: { 'vllm/*': { input: 1, output: 1 } },
      discount: { 'openai/*': 0.2, 'vllm/*': 0.5 },
      margin: { '*': 0.5 },
    })
    setting.upstream.reply(json(completion(counts)))
    await setting.gateway.request(CHAT, { body: chatBody('openai/gpt-5.1') })
    expect(setting.cost()?.nanoUsd).toBe((1000 * 1250 + 100 * 10_000) * 1.2)
    await setting.gateway.request(CHAT, { body: chatBody('vllm/any') })
    expect(setting.cost()?.nanoUsd).toBe(1_650_000)
  })

  test('nobody knows what where no price is known: null', async () => {
    await using setting = await setUp({ catalogue: false })
    setting.upstream.reply(json(completion(counts)))
    await setting.gateway.request(CHAT, { body: chatBody('openai/gpt-5.1') })
    expect(setting.cost()).toBeNull()
    await setting.gateway.request(CHAT, { body: chatBody('vllm/any') })
    expect(setting.cost()).toBeNull()
  })

  test('nothing where this process answers', async () => {
    await using setting = await setUp()
    await setting.gateway.request(CHAT, { body: chatBody('echo/echo') })
    expect(setting.cost()).toMatchObject({ nanoUsd: 0, source: 'own' })
  })

  test('nothing where a cache answers', async () => {
    const cache = definePlugin({
      name: 'test-cache',
      version: '1.0.0',
      api: 1,
      setup: ({ hooks }) => hooks.lookup.tap('hit', () => SAMPLE_RESPONSES.text),
    })
    await using setting = await setUp({}, {}, [cache()])
    await setting.gateway.request(CHAT, { body: chatBody('openai/gpt-5.1') })
    expect(setting.cost()).toMatchObject({ nanoUsd: 0, source: 'cache' })
  })

  test('nothing where tokens are only counted', async () => {
    await using setting = await setUp()
    setting.upstream.reply(json({ input_tokens: 12 }))
    const body = chatBody('anthropic/claude-sonnet-4-5', { max_tokens: 5 })
    await setting.gateway.request('/v1/messages/count_tokens', { body })
    expect(setting.cost()).toMatchObject({ nanoUsd: 0, source: 'free' })
  })

  test('nobody knows what for documents that were searched, unless searches have a price', async () => {
    const body = { model: 'cohere/rerank-v3.5', query: 'q', documents: ['a', 'b'] }
    const answer = json({
      id: '1',
      results: [{ index: 0, relevance_score: 1 }],
      meta: { billed_units: { search_units: 2 } },
    })
    await using unknown = await setUp()
    unknown.upstream.reply(answer)
    await unknown.gateway.request('/v2/rerank', { body })
    expect(unknown.cost()).toBeNull()
    await using known = await setUp({ prices: { 'cohere/rerank-*': { search: 0.002 } } })
    known.upstream.reply(answer)
    await known.gateway.request('/v2/rerank', { body })
    expect(known.cost()?.nanoUsd).toBe(4_000_000)
  })

  test('what the provider says, if that is trusted', async () => {
    const reported: JsonObject = { ...counts, cost: 0.00123 }
    await using setting = await setUp({ trustReported: true, margin: { 'openrouter/*': 0.1 } })
    setting.upstream.reply(json(completion(reported)))
    await setting.gateway.request(CHAT, { body: chatBody('openrouter/openai/gpt-5.1') })
    expect(setting.cost()).toMatchObject({ nanoUsd: 1_353_000, source: 'reported' })
    await using wary = await setUp()
    wary.upstream.reply(json(completion(reported)))
    await wary.gateway.request(CHAT, { body: chatBody('openrouter/openai/gpt-5.1') })
    expect(wary.cost()?.source).not.toBe('reported')
  })

  test('no more than its tokens where the usage contradicts itself, and the log says so', async () => {
    await using setting = await setUp({ prices: { 'anthropic/*': { input: 1, output: 1 } } })
    setting.upstream.reply(
      json({
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'claude',
        content: [{ type: 'text', text: 'Hi' }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 10, output_tokens: 5, output_tokens_details: { thinking_tokens: 500 } },
      }),
    )
    await setting.gateway.request('/v1/messages', { body: chatBody('anthropic/claude', { max_tokens: 5 }) })
    expect(setting.cost()).toMatchObject({ nanoUsd: 15_000, clamped: true })
    expect(setting.gateway.log.find(({ msg }) => String(msg).includes('contradicts'))).toBeDefined()
  })
})

test('refused exchanges have no cost', async () => {
  await using setting = await setUp()
  setting.upstream.reply(json({ error: { message: 'no' } }, { status: 400 }))
  await setting.gateway.request(CHAT, { body: chatBody('openai/gpt-5.1') })
  expect(setting.cost()).toBeUndefined()
})

test('a reload of the config brings its prices', async () => {
  const listed = (dollars: number): GatewayConfig['models'] => ({
    listed: { targets: ['openai/gpt-5.1'], about: { inputPrice: dollars, outputPrice: dollars } },
  })
  await using setting = await setUp({}, listed(1))
  setting.upstream.reply(json(completion(counts)))
  await setting.gateway.request(CHAT, { body: chatBody('listed') })
  expect(setting.cost()?.nanoUsd).toBe(1_100_000)
  await setting.reload(listed(2))
  await setting.gateway.request(CHAT, { body: chatBody('listed') })
  expect(setting.cost()?.nanoUsd).toBe(2_200_000)
})

test('a price that is none is refused at boot', async () => {
  await expect(setUp({ prices: { 'openai/x': { input: -1 } } })).rejects.toMatchObject({ code: 'plugin_options' })
  await expect(setUp({ discount: { 'openai/x': 2 } })).rejects.toMatchObject({ code: 'plugin_options' })
})
