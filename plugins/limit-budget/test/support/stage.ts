/** A gateway with budgets, callers, prices, counters that can be looked into, and an upstream that says what it used. */
import { setTimeout as sleep } from 'node:timers/promises'
import { definePlugin } from '@sluice/core'
import type { JsonObject, PluginInstance, Principal, Usage } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply, UpstreamReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { openai } from '@sluice/provider-openai'
import { BucketTable, Counters } from '@sluice/store-kit'
import type { Counters as CountersService } from '@sluice/store-kit'
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

export function countersPlugin(counters: CountersService): PluginInstance {
  return definePlugin({
    name: 'test-counters',
    version: '0.1.0',
    api: 1,
    provides: [Counters],
    setup: ({ provide }) => provide(Counters, counters),
  })()
}

const callersPlugin = (callers: { readonly [token: string]: Principal }): PluginInstance =>
  definePlugin({
    name: 'test-callers',
    version: '0.1.0',
    api: 1,
    setup: ({ hooks }) => hooks.authenticate.tap('callers', ({ headers }) => callers[headers.authorization ?? '']),
  })()

export interface Stage extends AsyncDisposable {
  gateway: TestGateway
  upstream: MockUpstream
  table: BucketTable
  ask(caller?: string, more?: JsonObject, signal?: AbortSignal): Promise<TestReply>
  /** Nano-dollars that are left of a window. */
  left(key: string, dollars: number): number
}

export interface StageOptions {
  options?: BudgetOptions
  callers?: { readonly [token: string]: Principal }
  counters?: (table: BucketTable) => CountersService
  plugins?: readonly PluginInstance[]
  capabilities?: { readonly [token: string]: string }
}

/** Everything but prices and callers is real. */
export async function stage(settings: StageOptions = {}): Promise<Stage> {
  const table = new BucketTable(() => Date.now())
  const upstream = await mockUpstream()
  upstream.reply(answer())
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
    ask: (caller, more = {}, signal) =>
      gateway.request('/v1/chat/completions', {
        ...(caller !== undefined && { headers: { authorization: caller } }),
        body: { model: 'm', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100, ...more },
        ...(signal && { signal }),
      }),
    left(key, dollars) {
      return table.read([{ kind: 'window', key, amount: 0, limit: dollars * 1e9, until: Infinity }])[0]!.remaining
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await upstream.close()
    },
  }
}

/** A chat answer, whole or streamed as it is asked for, that used so many tokens. */
export function answer(input = 10, output = 50, delay = 0): UpstreamReply {
  return async (request, response) => {
    if (delay > 0) await sleep(delay)
    const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
    const head = { id: 'c', created: 1, model: 'm' }
    if (request.json()['stream'] !== true) {
      const choices = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }]
      const body = { ...head, object: 'chat.completion', choices, usage }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return
    }
    const frame = (choices: unknown[], more: JsonObject = {}): string =>
      `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(frame([{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: null }]))
    response.write(frame([{ index: 0, delta: {}, finish_reason: 'stop' }]))
    response.write(frame([], { usage }))
    response.end('data: [DONE]\n\n')
  }
}
