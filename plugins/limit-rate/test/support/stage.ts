/** A gateway with limits, callers, counters that can be looked into, and an upstream that says what it used. */
import { setTimeout as sleep } from 'node:timers/promises'
import { definePlugin } from '@sluice/core'
import type { JsonObject, PluginInstance, Principal } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply, UpstreamReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { openai } from '@sluice/provider-openai'
import { BucketTable, Counters } from '@sluice/store-kit'
import type { Claim, Counters as CountersService } from '@sluice/store-kit'
import { rateLimit } from '../../src/index.ts'

export type RateOptions = NonNullable<Parameters<typeof rateLimit>[0]>

export interface Stage extends AsyncDisposable {
  gateway: TestGateway
  upstream: MockUpstream
  table: BucketTable
  /** Milliseconds since the epoch, for the counters. Moves only if it is moved. */
  clock: { now: number }
  ask(caller?: string, more?: JsonObject, signal?: AbortSignal): Promise<TestReply>
  /** What is left of a rate. */
  left(key: string, limit: number, period?: number): number
}

export interface StageOptions {
  options?: RateOptions
  /** By bearer token. Without them, callers are anonymous. */
  callers?: { readonly [token: string]: Principal }
  counters?: (table: BucketTable) => CountersService
  plugins?: readonly PluginInstance[]
  capabilities?: { readonly [token: string]: string }
  models?: { readonly [name: string]: string | { targets: string[] } }
}

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
    ask: (caller, more = {}, signal) =>
      gateway.request('/v1/chat/completions', {
        ...(caller !== undefined && { headers: { authorization: caller } }),
        body: { model: 'm', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 10, ...more },
        ...(signal && { signal }),
      }),
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

const usage = (input: number, output: number): JsonObject => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
})

/** A chat answer, whole or streamed as it is asked for, that used so many tokens. */
export function answer(input = 10, output = 10, delay = 0): UpstreamReply {
  return async (request, response) => {
    if (delay > 0) await sleep(delay)
    const head = { id: 'c', created: 1, model: 'm' }
    if (request.json()['stream'] !== true) {
      const message = { role: 'assistant', content: 'Hi' }
      const body = {
        ...head,
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: usage(input, output),
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return
    }
    const chunk = (delta: JsonObject, finish: string | null, more: JsonObject = {}): string =>
      `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(chunk({ role: 'assistant', content: 'Hi' }, null))
    response.write(chunk({}, 'stop'))
    response.write(
      `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage: usage(input, output) })}\n\n`,
    )
    response.end('data: [DONE]\n\n')
  }
}
