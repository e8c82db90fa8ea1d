import { definePlugin, secret } from '@sluice/core'
import type { PluginInstance } from '@sluice/core'
import { createTestGateway, json, mockUpstream, testPlugin } from '@sluice/core/testing'
import type { MockUpstream } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { openai } from '@sluice/provider-openai'
import { Store } from '@sluice/store-kit'
import { memoryStore } from '@sluice/store-memory'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sealedSecrets } from '../src/index.ts'

const MASTER = 'a master key of at least 32 characters'
testPlugin({ test, plugin: sealedSecrets({ masterKey: MASTER }), supporting: [memoryStore()] })

/** Lets everybody do everything. */
const doorman = definePlugin({
  name: 'auth-doorman',
  version: '1.0.0',
  api: 1,
  setup: ({ hooks }) => hooks.authenticate.tap('open', () => ({ id: 'admin', permissions: ['*'] })),
})
/** Shows what the store holds. */
let store: Store
const peeking = definePlugin({
  name: 'store-peeking',
  version: '1.0.0',
  api: 1,
  requires: [Store],
  setup({ get }) {
    store = get(Store)
  },
})

const ANSWER = json({
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
})
const asked = { model: 'openai/m', messages: [{ role: 'user', content: 'Hi' }] }

const withKey = (upstream: MockUpstream, masterKey = MASTER, previousKeys: string[] = []): PluginInstance[] => [
  openaiDialect(),
  openai({ apiKey: secret('store:openai'), baseUrl: upstream.url }),
  ...base(masterKey, previousKeys),
]
const base = (masterKey = MASTER, previousKeys: string[] = []): PluginInstance[] => {
  return [sealedSecrets({ masterKey, previousKeys }), memoryStore(), peeking(), doorman()]
}

/** A gateway that has the secret `openai`, and uses it. */
async function setUp() {
  const upstream = await mockUpstream()
  onTestFinished(() => upstream.close())
  upstream.reply(ANSWER)
  const gateway = await createTestGateway({ plugins: base() })
  onTestFinished(() => gateway.close())
  const made = await gateway.request('/admin/v1/secrets', { body: { name: 'openai', value: 'sk-kept-in-the-store' } })
  expect(made.status).toBe(201)
  await gateway.gateway.reload({ plugins: withKey(upstream) })
  const credential = async (): Promise<unknown> => {
    await gateway.request('/v1/chat/completions', { body: asked })
    return upstream.requests.at(-1)!.headers['authorization']
  }
  return { gateway, upstream, credential }
}

describe('a credential in the store', () => {
  test('goes to the upstream, and is seen nowhere else', async () => {
    const { gateway, credential } = await setUp()
    expect(await credential()).toBe('Bearer sk-kept-in-the-store')
    const replies = await Promise.all([
      gateway.request('/admin/v1/secrets'),
      gateway.request('/admin/v1/secrets/openai'),
    ])
    const seen = replies.map(({ text }) => text).join() + JSON.stringify(gateway.gateway.inspect()) + gateway.log.text()
    expect(seen).not.toContain('sk-kept-in-the-store')
    expect(JSON.stringify(await store.list('secrets'))).not.toContain('sk-kept-in-the-store')
    expect(replies[1].json()).toEqual({ id: 'openai', name: 'openai', revision: 1 })
  })

  test('is used as it is now, soon after it was changed', async () => {
    const { gateway, credential } = await setUp()
    const body = { value: 'sk-after-rotation' }
    const changed = await gateway.request('/admin/v1/secrets/openai', { method: 'PATCH', body })
    expect(changed.status).toBe(200)
    await expect.poll(credential).toBe('Bearer sk-after-rotation')
    await gateway.request('/admin/v1/secrets/openai', { method: 'PATCH', body: { description: 'for OpenAI' } })
    expect(await credential()).toBe('Bearer sk-after-rotation')
  })

  test('is sealed anew when there is another master key, and then needs the old one no more', async () => {
    const { gateway, upstream, credential } = await setUp()
    const before = await store.get('secrets', 'openai')
    const next = 'the next master key, of 32 characters too'
    await gateway.gateway.reload({ plugins: withKey(upstream, next, [MASTER]) })
    expect(await store.get('secrets', 'openai')).not.toEqual(before)
    await gateway.gateway.reload({ plugins: withKey(upstream, next) })
    expect(await credential()).toBe('Bearer sk-kept-in-the-store')
    await expect(gateway.gateway.reload({ plugins: withKey(upstream) })).rejects.toThrow('another master key')
  })

  test('that is not there stops the boot, and says how to make it', async () => {
    const upstream = await mockUpstream()
    onTestFinished(() => upstream.close())
    await expect(createTestGateway({ plugins: withKey(upstream) })).rejects.toThrow(
      'store:openai cannot be read: there is no secret "openai": sluice secrets create --name openai',
    )
  })
})

test.each([
  [{ name: 'a/b', value: 'x' }, 'name'],
  [{ name: 'a' }, 'value'],
  [{ value: 'x' }, 'name'],
  [{ name: 'a', value: '' }, 'value'],
])('%j is refused', async (body, param) => {
  await using gateway = await createTestGateway({ plugins: base() })
  const reply = await gateway.request('/admin/v1/secrets', { body })
  expect(reply.status).toBe(400)
  expect(reply.text).toContain(param)
})
