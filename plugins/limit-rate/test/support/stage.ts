/** A gateway with limits, callers, counters that can be looked into, and an upstream that says what it used. */
import type { PluginInstance } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { answer, askOf, callersPlugin, countersPlugin } from '@sluice/limit-kit/testing'
import type { Ask, Callers } from '@sluice/limit-kit/testing'
import { openai } from '@sluice/provider-openai'
import { BucketTable } from '@sluice/store-kit'
import type { Claim, Counters } from '@sluice/store-kit'
import { rateLimit } from '../../src/index.ts'

export type RateOptions = NonNullable<Parameters<typeof rateLimit>[0]>

export interface Stage extends AsyncDisposable {
  gateway: TestGateway
  upstream: MockUpstream
  table: BucketTable
  /** Milliseconds since the epoch, for the counters. Moves only if it is moved. */
  clock: { now: number }
  ask: Ask<TestReply>
  /** What is left of a rate. */
  left(key: string, limit: number, period?: number): number
}

export interface StageOptions {
  options?: RateOptions
  /** Without them, callers are anonymous. */
  callers?: Callers
  counters?: (table: BucketTable) => Counters
  plugins?: readonly PluginInstance[]
  capabilities?: { readonly [token: string]: string }
  models?: { readonly [name: string]: string | { targets: string[] } }
}

/** Everything but its clock is real. */
export async function stage(settings: StageOptions = {}): Promise<Stage> {
  const clock = { now: Date.UTC(2026, 10, 20, 12) }
  const table = new BucketTable(() => clock.now)
  const upstream = await mockUpstream()
  upstream.reply(answer())
  const { callers, options = {}, plugins = [], models = {}, capabilities } = settings
  const gateway = await createTestGateway({
    ...(capabilities && { capabilities }),
    models: { m: 'openai/m', ...models },
    plugins: [
      openaiDialect(),
      openai({ apiKey: 'k', baseUrl: `${upstream.url}/v1` }),
      openai({ apiKey: 'k', baseUrl: `${upstream.url}/v1` }, { id: 'second' }),
      countersPlugin(settings.counters?.(table) ?? table),
      callers && callersPlugin(callers),
      ...plugins,
      rateLimit(options),
    ],
  })
  return {
    gateway,
    upstream,
    table,
    clock,
    ask: askOf(gateway, 10),
    left(key, limit, period = 60_000) {
      const claim: Claim =
        period === 0 ? { kind: 'slots', key, amount: 0, limit } : { kind: 'bucket', key, amount: 0, limit, period }
      return table.read([claim])[0]!.remaining
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await upstream.close()
    },
  }
}
