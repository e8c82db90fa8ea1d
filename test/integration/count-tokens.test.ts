/** Token counts: asked of the target if it can count, else estimated. */
import { definePlugin } from '@sluice/core'
import type { JsonObject, PluginInstance } from '@sluice/core'
import { createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway } from '@sluice/core/testing'
import { httpProvider } from '@sluice/provider-kit'
import { describe, expect, test } from 'vitest'
import { Ends } from './support/setting.ts'
import { toy, toyTwo } from './support/toy.ts'

interface Setting {
  gateway: TestGateway
  upstream: MockUpstream
  ends: Ends
  count: (model: string, fields?: JsonObject) => Promise<JsonObject>
  [Symbol.asyncDispose]: () => Promise<void>
}

/** Providers that can count (`able`), that speak a dialect without counts (`unable`), both (`both`), and one in here (`local`). */
async function setUp(): Promise<Setting> {
  const upstream = await mockUpstream()
  const ends = new Ends()
  const wire = (id: string, dialect: string, also: string[]): PluginInstance =>
    definePlugin({
      name: 'provider-wire',
      version: '1.0.0',
      api: 1,
      setup({ addProvider, onClose }) {
        const path = (operation: string): string => `/${operation}`
        const { provider, close } = httpProvider({ dialect, also, baseUrl: upstream.url, path, headers: () => ({}) })
        addProvider(provider)
        onClose(close)
      },
    })({}, { id })
  const local = definePlugin({
    name: 'local',
    version: '1.0.0',
    api: 1,
    setup({ addDialect, addProvider }) {
      addDialect(toy)
      addDialect(toyTwo)
      addProvider({
        kind: 'local',
        answer() {
          throw new Error('asked to count')
        },
      })
    },
  })
  const gateway = await createTestGateway({
    plugins: [
      wire('able', 'toy', []),
      wire('unable', 'toy-two', []),
      wire('both', 'toy-two', ['toy']),
      local(),
      ends.plugin,
    ],
  })
  const close = async (): Promise<void> => {
    await gateway.close()
    await upstream.close()
  }
  const count = async (model: string, fields: JsonObject = {}): Promise<JsonObject> => {
    const messages = [{ role: 'user', parts: [{ type: 'text', text: 'x'.repeat(4000) }] }]
    const reply = await gateway.request('/toy/count-tokens', { body: { model, messages, ...fields } })
    expect(reply.status).toBe(200)
    return reply.json()
  }
  return { gateway, upstream, ends, count, [Symbol.asyncDispose]: close }
}

test.each(['able/m', 'both/m'])('%s can count, and is asked', async (model) => {
  await using setting = await setUp()
  setting.upstream.reply(json({ inputTokens: 12 }))
  const { inputTokens, estimated } = await setting.count(model)
  expect([inputTokens, estimated]).toEqual([12, undefined])
  expect(setting.upstream.requests).toMatchObject([{ path: '/count-tokens' }])
  expect(setting.upstream.requests[0]!.json()).toMatchObject({ model: 'm' })
})

describe.each(['unable/m', 'local/m'])('%s cannot count', (model) => {
  test('so that the count is estimated, and says so; nobody is called', async () => {
    await using setting = await setUp()
    const { inputTokens, estimated } = await setting.count(model)
    expect(estimated).toBe(true)
    expect(inputTokens).toBeGreaterThan(1000)
    expect(inputTokens).toBeLessThan(1100)
    expect(setting.upstream.requests).toEqual([])
    expect(await setting.ends.at(0)).toMatchObject({
      outcome: 'ok',
      operation: 'count-tokens',
      attempts: [{ status: 0 }],
    })
  })

  test('an image counts as one, not as the text of its bytes', async () => {
    await using setting = await setUp()
    const source = { kind: 'base64', mediaType: 'image/png', data: 'A'.repeat(1_000_000) }
    const messages = [{ role: 'user', parts: [{ type: 'image', source }] }]
    const { inputTokens } = await setting.count(model, { messages })
    expect(inputTokens).toBeLessThan(1100)
  })

  test('more is more', async () => {
    await using setting = await setUp()
    const few = await setting.count(model)
    const tools = [{ type: 'function', name: 'f', description: 'y'.repeat(400) }]
    const more = await setting.count(model, { tools })
    expect(Number(more['inputTokens']) - Number(few['inputTokens'])).toBeGreaterThan(99)
  })
})
