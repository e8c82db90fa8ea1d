import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { definePlugin } from '@sluice/core'
import { json, SAMPLE_RESPONSES, stallBeforeHeaders, testPlugin } from '@sluice/core/testing'
import { memoryStore } from '@sluice/store-memory'
import { describe, expect, test } from 'vitest'
import { ledger } from '../src/index.ts'
import { completion, setUp, until } from './support/setting.ts'

testPlugin({
  test,
  plugin: ledger({ spool: join(tmpdir(), 'sluice-ledger-test') }),
  supporting: [memoryStore()],
})

test('the version is that of the package', () => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  expect(ledger.definition.version).toBe((JSON.parse(manifest) as { version: string }).version)
})

const counts = {
  prompt_tokens: 1000,
  completion_tokens: 100,
  total_tokens: 1100,
  prompt_tokens_details: { cached_tokens: 400, audio_tokens: 10 },
  completion_tokens_details: { reasoning_tokens: 30 },
}

describe('an exchange leaves one row', () => {
  test('with who asked, what served, tokens by kind, and money', async () => {
    await using setting = await setUp({ options: { ip: true, metadata: ['costCentre', 'missing'] } })
    setting.upstream.reply(json(completion(counts)))
    const reply = await setting.ask('vllm/plain')
    expect(await setting.rows()).toEqual([
      {
        id: reply.headers['x-request-id'],
        time: expect.any(Number),
        data: {
          principal: 'ann',
          key: 'key-ann',
          user: 'ann@example.org',
          team: 'blue',
          organisation: 'org',
          tags: ['a', 'b'],
          'metadata.costCentre': 'x1',
          ip: '127.0.0.1',
          dialect: 'openai-chat',
          operation: 'chat',
          stream: false,
          model: 'vllm/plain',
          provider: 'vllm',
          target: 'vllm/plain',
          attempts: 1,
          status: 200,
          outcome: 'ok',
          inputTokens: 590,
          cacheReadTokens: 400,
          audioTokens: 10,
          outputTokens: 70,
          reasoningTokens: 30,
          costNanoUsd: Math.round((590 * 123 + 400 * 10_000 + 10 * 9e6 + 70 * 700_000 + 30 * 1_100_000) / 1000),
          priceSource: 'config',
          ttftMs: expect.any(Number),
          durationMs: expect.any(Number),
          bytesIn: expect.any(Number),
          bytesOut: Number(reply.headers['content-length']),
        },
      },
    ])
  })

  test.each([
    [
      'refused for its model',
      { model: 'none/such' },
      { outcome: 'refused', error: 'model_not_found', status: 404, attempts: 0 },
    ],
    ['refused for its shape', { model: 5 }, { outcome: 'refused', error: 'invalid_request', status: 400 }],
    [
      'refused for its key',
      { as: 'bad' },
      { outcome: 'refused', error: 'invalid_api_key', status: 401, principal: 'anonymous' },
    ],
    [
      'failed',
      { model: 'broken/any' },
      { outcome: 'failed', error: 'upstream_error', attempts: 1, target: 'broken/any' },
    ],
  ])(
    'if it was %s, and costs nothing',
    async (_, { model = 'echo/echo', as }: { model?: unknown; as?: string }, row) => {
      await using setting = await setUp()
      setting.upstream.reply(json({ error: { message: 'no' } }, { status: 500 }))
      await setting.ask('', { model }, as)
      expect(await setting.rows()).toMatchObject([{ data: { ...row, costNanoUsd: 0 } }])
    },
  )

  test('if its price is unknown: null', async () => {
    await using setting = await setUp()
    setting.upstream.reply(json(completion(counts)))
    await setting.ask('vllm/unknown')
    expect(await setting.rows()).toMatchObject([{ data: { outcome: 'ok', costNanoUsd: null } }])
  })

  test('if its client left while the model worked, whose price nobody knows then', async () => {
    await using setting = await setUp()
    setting.upstream.reply(stallBeforeHeaders())
    const controller = new AbortController()
    const asked = setting.gateway.request('/v1/chat/completions', {
      body: { model: 'vllm/plain', messages: [{ role: 'user', content: 'Hello' }] },
      signal: controller.signal,
    })
    await setting.upstream.request()
    controller.abort()
    await expect(asked).rejects.toThrow()
    await until(async () => (await setting.rows()).length === 1)
    expect(await setting.rows()).toMatchObject([{ data: { outcome: 'client_closed', costNanoUsd: null } }])
  })

  test('if a cache answered, for nothing', async () => {
    const cache = definePlugin({
      name: 'test-cache',
      version: '1.0.0',
      api: 1,
      setup: ({ hooks }) => hooks.lookup.tap('hit', () => SAMPLE_RESPONSES.text),
    })
    await using setting = await setUp({ plugins: [cache()] })
    await setting.ask('vllm/plain')
    expect(await setting.rows()).toMatchObject([
      { data: { cache: 'hit', attempts: 0, costNanoUsd: 0, inputTokens: 20 } },
    ])
  })

  test('if the gateway made it itself, with the one that it was made for', async () => {
    const judge = definePlugin({
      name: 'test-judge',
      version: '1.0.0',
      api: 1,
      setup({ hooks, gateway }) {
        hooks.transformResponse.tap('judge', async (_, exchange) => {
          if (exchange.start.parent) return
          const messages = [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'Good?' }] }]
          const request = { operation: 'chat' as const, model: 'echo/echo', stream: false, messages, extensions: {} }
          await gateway.dispatch(request, { parent: exchange })
        })
      },
    })
    await using setting = await setUp({ plugins: [judge()] })
    const reply = await setting.ask('echo/echo')
    await until(async () => (await setting.rows()).length === 2)
    const own = (await setting.rows()).filter(({ data }) => data['parent'] !== undefined)
    expect(own).toMatchObject([{ data: { parent: reply.headers['x-request-id'], principal: 'ann', key: 'key-ann' } }])
  })

  test('unless it asked no model', async () => {
    await using setting = await setUp()
    await setting.gateway.request('/v1/models')
    await setting.gateway.request('/admin/v1/usage', { headers: { authorization: 'Bearer op' } })
    await setting.ask('echo/echo')
    expect(await setting.rows()).toHaveLength(1)
  })

  test('unless it is not meant', async () => {
    await using setting = await setUp({
      when: { when: { keys: { teams: ['red'] } } },
      options: { unauthenticated: false },
    })
    await setting.ask('echo/echo')
    await setting.ask('echo/echo', {}, 'bob@red')
    await setting.ask('echo/echo', {}, 'bad')
    expect(await setting.rows()).toMatchObject([{ data: { team: 'red' } }])
  })
})

test('what clients write is bounded, and has no character that a database refuses', async () => {
  await using setting = await setUp()
  await setting.ask(`none/\u0000\ud800${'x'.repeat(10_000)}`)
  const [row] = await setting.rows()
  const model = String(row?.data['model'])
  expect(model).toHaveLength(256)
  expect(model.isWellFormed()).toBe(true)
  expect(model).not.toContain('\u0000')
})

test('a fallback names the target that served', async () => {
  await using setting = await setUp({ config: { models: { both: { targets: ['broken/any', 'vllm/plain'] } } } })
  setting.upstream.reply(json({ error: { message: 'no' } }, { status: 500 }), json(completion(counts)))
  await setting.ask('both')
  expect(await setting.rows()).toMatchObject([{ data: { model: 'both', target: 'vllm/plain', attempts: 2 } }])
})

test('nothing is left in the spool when all is delivered and the gateway is closed', async () => {
  const setting = await setUp()
  await setting.ask('echo/echo')
  await setting.gateway.close()
  expect(setting.spooled()).toEqual([])
  await setting[Symbol.asyncDispose]()
})
