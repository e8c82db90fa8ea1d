/** A gateway with budgets, callers, prices, counters that can be looked into, and an upstream that says what it used. */
import { definePlugin } from '@sluice/core'
import type { PluginInstance, Usage } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { answer, askOf, callersPlugin, countersPlugin } from '@sluice/limit-kit/testing'
import type { Ask, Callers } from '@sluice/limit-kit/testing'
import { openai } from '@sluice/provider-openai'
import { BucketTable } from '@sluice/store-kit'
import type { Counters } from '@sluice/store-kit'
import { COST, Prices } from '@sluice/usage-kit'
import { budgets } from '../../src/index.ts'

export type BudgetOptions = NonNullable<Parameters<typeof budgets>[0]>

/** Nano-dollars a token: $1 a million of input, $10 of output. Models called `free…` have no price, `dear…` tenfold. */
export const [INPUT, OUTPUT] = [1_000, 10_000]

const factor = (model: string): number => (model.startsWith('dear') ? 10 : 1)
const price = (model: string, input: number, output: number): number =>
  factor(model) * (input * INPUT + output * OUTPUT)

/** Knows prices, and what each answer cost. */
export const pricesPlugin = definePlugin({
  name: 'test-prices',
  version: '0.1.0',
  api: 1,
  provides: [Prices],
  setup({ provide, hooks }) {
    const costOf = (model: string, usage: Usage) => ({
      nanoUsd: price(model, usage.input.total, usage.output.total),
      source: 'test',
      rates: {},
    })
    provide(Prices, {
      quote: ({ model }) =>
        model.startsWith('free')
          ? undefined
          : { cost: (usage) => costOf(model, usage), most: (input, output) => price(model, input, output) },
    })
    hooks.onUsage.tap('cost', (usage, exchange) => {
      const model = exchange.attempts.at(-1)?.target.model
      if (usage && model !== undefined) exchange.set(COST, model.startsWith('free') ? null : costOf(model, usage))
      return undefined
    })
  },
})

export interface Stage extends AsyncDisposable {
  gateway: TestGateway
  upstream: MockUpstream
  table: BucketTable
  ask: Ask<TestReply>
  /** Nano-dollars that are left of a window. */
  left(key: string, dollars: number): number
}

export interface StageOptions {
  options?: BudgetOptions
  callers?: Callers
  counters?: (table: BucketTable) => Counters
  plugins?: readonly PluginInstance[]
  capabilities?: { readonly [token: string]: string }
}

/** Everything but prices and callers is real. */
export async function stage(settings: StageOptions = {}): Promise<Stage> {
  const table = new BucketTable(() => Date.now())
  const upstream = await mockUpstream()
  upstream.reply(answer(10, 50))
  const { callers, options = {}, plugins = [], capabilities } = settings
  const gateway = await createTestGateway({
    ...(capabilities && { capabilities }),
    models: {
      m: 'openai/m',
      mixed: { targets: ['openai/m', 'openai/dear'] },
      half: { targets: ['openai/free', 'openai/m'] },
      free: 'openai/free',
    },
    plugins: [
      openaiDialect(),
      openai({ apiKey: 'k', baseUrl: `${upstream.url}/v1` }),
      countersPlugin(settings.counters?.(table) ?? table),
      pricesPlugin(),
      callers && callersPlugin(callers),
      ...plugins,
      budgets(options),
    ],
  })
  return {
    gateway,
    upstream,
    table,
    ask: askOf(gateway, 100),
    left(key, dollars) {
      return table.read([{ kind: 'window', key, amount: 0, limit: dollars * 1e9, until: Infinity }])[0]!.remaining
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await upstream.close()
    },
  }
}
