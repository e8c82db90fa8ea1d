/** A gateway with a ledger, in front of a mock upstream. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { definePlugin } from '@sluice/core'
import type { GatewayConfig, JsonObject, PluginInstance } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { compatible } from '@sluice/provider-compatible'
import { echo } from '@sluice/provider-echo'
import { memoryStore } from '@sluice/store-memory'
import type { Row } from '@sluice/store-kit'
import { Ledger } from '@sluice/usage-kit'
import { prices } from '@sluice/usage-prices'
import { ledger } from '../../src/index.ts'
import { who } from './who.ts'

export const CHAT = '/v1/chat/completions'

export interface Setting {
  gateway: TestGateway
  upstream: MockUpstream
  ledger: Ledger
  spool: string
  /** What is left in the spool's directory. */
  spooled(): string[]
  ask(model: string, more?: JsonObject, as?: string): Promise<TestReply>
  /** All rows, oldest first. */
  rows(): Promise<Row[]>
  [Symbol.asyncDispose](): Promise<void>
}

export interface SettingOptions {
  options?: Parameters<typeof ledger>[0]
  config?: GatewayConfig
  plugins?: PluginInstance[]
  /** In place of one that is made and removed. */
  spool?: string
  when?: Parameters<typeof ledger>[1]
}

export async function setUp({
  options,
  config,
  plugins = [],
  spool: given,
  when,
}: SettingOptions = {}): Promise<Setting> {
  const spool = given ?? mkdtempSync(join(tmpdir(), 'sluice-spool-'))
  const upstream = await mockUpstream()
  let service: Ledger | undefined
  const reader = definePlugin({
    name: 'test-reader',
    version: '1.0.0',
    api: 1,
    requires: [Ledger],
    setup: ({ get }) => void (service = get(Ledger)),
  })
  const gateway = await createTestGateway({
    ...config,
    plugins: [
      openaiDialect(),
      who(),
      echo(),
      compatible({ vendor: 'vllm', baseUrl: `${upstream.url}/v1` }),
      compatible({ vendor: 'custom', baseUrl: `${upstream.url}/broken/v1` }, { id: 'broken' }),
      memoryStore(),
      prices({ prices: PRICES }),
      ledger({ interval: '5ms', ...options, spool }, when),
      reader(),
      ...plugins,
    ],
  })
  return {
    gateway,
    upstream,
    ledger: service!,
    spool,
    spooled: () => readdirSync(spool),
    ask: (model, more = {}, as = 'ann@blue') =>
      gateway.request(CHAT, {
        body: { model, messages: [{ role: 'user', content: 'Hello' }], ...more },
        headers: { authorization: `Bearer ${as}` },
      }),
    rows: () => service!.read({}, { limit: 1000 }),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await upstream.close()
      if (given === undefined) rmSync(spool, { recursive: true, force: true })
    },
  }
}

/** Dollars for a million tokens, apart for each kind that the mock counts. */
export const PRICES = {
  'vllm/plain': { input: 0.000_123, output: 0.7, cacheRead: 0.01, cacheWrite: 0.33, reasoning: 1.1, audio: 9 },
  'vllm/tiered': { input: 1.25, output: 10, tiers: [{ above: 1000, input: 2.5, output: 15 }] },
  'vllm/free': { input: 0, output: 0 },
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, limit = 10_000): Promise<void> {
  const end = Date.now() + limit
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come to hold')
    await sleep(5)
  }
}

export const completion = (usage?: JsonObject): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'served',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  ...(usage && { usage }),
})
