import { definePlugin } from '@sluice/core'
import type { GatewayConfig, JsonObject, PluginInstance, Principal } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway, TestReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { memoryStore } from '@sluice/store-memory'
import { apiKeys } from '../../src/index.ts'

export const ADMIN = 'an-admin-key-of-24-chars'
export const PEPPER = 'a pepper of sufficient length'
export const CHAT = '/v1/chat/completions'

type Options = NonNullable<Parameters<typeof apiKeys>[0]>

export interface StageOptions {
  options?: Options
  /** Default: store-memory. */
  store?: PluginInstance
  plugins?: readonly PluginInstance[]
  config?: Pick<GatewayConfig, 'models' | 'server'>
}

/** A key as its creation was answered. */
export type Made = { id: string; key: string; revision: number } & JsonObject

export interface Stage extends AsyncDisposable {
  gateway: TestGateway
  /** Principals that were let in, the last one last. */
  principals: Principal[]
  /** Calls `/admin/v1…` with the admin key or another one. */
  admin(method: string, path: string, body?: JsonObject, key?: string): Promise<TestReply>
  /** Makes a key. */
  make(fields?: JsonObject, key?: string): Promise<Made>
  /** Asks the model; the credential goes into `authorization`. */
  ask(key: string, model?: string): Promise<TestReply>
}

export async function stage({ options, store, plugins = [], config = {} }: StageOptions = {}): Promise<Stage> {
  const principals: Principal[] = []
  const witness = definePlugin({
    name: 'test-witness',
    version: '1.0.0',
    api: 1,
    setup({ hooks }) {
      hooks.onComplete.tap('principal', ({ principal }) => void principals.push(principal))
    },
  })
  const keys = apiKeys({ adminKey: ADMIN, pepper: PEPPER, firstKeys: false, ...options })
  const gateway = await createTestGateway({
    models: { small: 'echo/echo', large: 'echo/echo' },
    ...config,
    plugins: [openaiDialect(), echo(), store ?? memoryStore(), plugins, keys, witness()],
  })
  const admin: Stage['admin'] = (method, path, body, key = ADMIN) => {
    const headers = { authorization: `Bearer ${key}` }
    return gateway.request(`/admin/v1${path}`, { method, headers, ...(body && { body }) })
  }
  return {
    gateway,
    principals,
    admin,
    async make(fields = {}, key = ADMIN) {
      const reply = await admin('POST', '/keys', { name: 'test', ...fields }, key)
      if (reply.status !== 201) throw new Error(`no key was made: ${reply.status} ${reply.text}`)
      return reply.json() as Made
    },
    ask: (key, model = 'small') =>
      gateway.request(CHAT, {
        headers: { authorization: `Bearer ${key}` },
        body: { model, messages: [{ role: 'user', content: 'Hi' }] },
      }),
    [Symbol.asyncDispose]: () => gateway.close(),
  }
}

/** What a refusal says, without what differs from request to request. */
export function refusal({ status, headers, text }: TestReply): JsonObject {
  const shown = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !['date', 'x-request-id', 'x-sluice-overhead-ms'].includes(name)),
  )
  return { status, headers: shown, text: text.replaceAll(String(headers['x-request-id']), '') }
}
