/** `@sluice/store-responses`: the state of OpenAI's Responses API, whatever provider answers. */
import { bytes, definePlugin, milliseconds, Type } from '@sluice/core'
import type { Exchange, Gateway } from '@sluice/core'
import { Store } from '@sluice/store-kit'
import { continued } from './continue.ts'
import { Desk, RUN } from './desk.ts'
import { stateDialect } from './dialect.ts'
import { Keeper, RAW_USAGE } from './keeper.ts'
import { Options } from './options.ts'
import { Records } from './records.ts'
import { isPassedOver, prepare } from './prepare.ts'
import { routed } from './route.ts'
import type { Routing } from './route.ts'
import type { Run } from './run.ts'
import { Runs } from './runs.ts'
import { speaks, Speakers } from './speakers.ts'
import { RESPONSES, STATE } from './state.ts'
import type { State } from './state.ts'
import { StateUpstream } from './upstream.ts'

/** By instance id. What runs in the background outlives a reload of the config. */
const LIVE = new WeakMap<Gateway, Map<string, Map<string, Run>>>()
/** An answer in the background is another exchange's. */
const NO_USAGE = { input: { total: 0, cacheRead: 0, cacheWrite: 0 }, output: { total: 0, reasoning: 0 } }

/** Serves `/v1/responses/{id}` and what requests of `/v1/responses` say about state. */
export const responseStore = definePlugin({
  name: 'store-responses',
  version: '0.1.0',
  api: 1,
  requires: [Store],
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  setup({ id, options, hooks, get, log, gateway, addDialect, addProvider }) {
    const size = bytes(options.size ?? '4mb')
    const ttl = milliseconds(options.ttl ?? '30d')
    const records = new Records(get(Store), { ttl, size, timeout: milliseconds(options.storeTimeout ?? '2s') })
    const timeout = milliseconds(options.backgroundTimeout ?? '1h')
    const bounds = { size, timeout, count: options.backgroundRuns ?? 64 }
    const runs = new Runs(liveIn(gateway, id), records, bounds, gateway, log)
    const keeper = new Keeper(records, size)
    const speakers = new Speakers(id)
    const dialect = stateDialect(id)
    const upstream = new StateUpstream(new Desk(records, runs), dialect.name)
    const routing: Routing = { own: id, dialect, records, speakers }
    /** Undefined if there is nothing to keep, nor to tell the client of. */
    const answeredBy = (exchange: Exchange): { native: boolean; state: State } | undefined => {
      const state = exchange.get(STATE)
      if (!state?.store && !state?.previous) return undefined
      const provider = exchange.attempts.at(-1)?.provider
      return provider === upstream ? undefined : { native: speaks(provider), state }
    }
    addDialect(dialect)
    addProvider(upstream)

    hooks.ready.tap('providers', (current) => speakers.learnFrom(current))
    const isResponses = ({ dialect }: Exchange): boolean => dialect.name === RESPONSES
    hooks.transformRequest.tap({ name: 'conversation', stage: 'first', when: isResponses }, (request, exchange) => {
      if (request.operation !== 'chat' || exchange.get(STATE)) return undefined
      return continued(request, exchange, records)
    })
    hooks.beforeRoute.tap('keeper', (targets, exchange) => routed(targets, exchange, routing))
    hooks.beforeAttempt.tap('prepare', (attempt, exchange) => {
      speakers.learn(attempt.target.provider, attempt.provider)
      prepare(attempt, exchange, upstream, dialect)
    })
    hooks.onAttemptError.tap('keeper', (attempt) => (isPassedOver(attempt) ? 'next' : undefined))
    const isAnswered = (exchange: Exchange): boolean => answeredBy(exchange) !== undefined
    hooks.transformResponse.tap({ name: 'keep', stage: 'last', when: isAnswered }, (response, exchange) => {
      const answered = answeredBy(exchange)
      if (!answered || response.operation !== 'chat') return undefined
      return answered.native ? keeper.origin(response.id, exchange) : keeper.whole(response, exchange, answered.state)
    })
    hooks.transformStream.tap({ name: 'keep', stage: 'last' }, (stages, exchange) => {
      const answered = answeredBy(exchange)
      return !answered || answered.native ? undefined : [...stages, keeper.stream(exchange, answered.state)]
    })
    const isNative = (exchange: Exchange): boolean => answeredBy(exchange)?.native === true
    hooks.onStreamPart.tap({ name: 'origin', when: isNative }, (part, exchange) => {
      return part.type === 'start' ? keeper.origin(part.id, exchange) : undefined
    })
    hooks.onUsage.tap({ name: 'usage', stage: 'first' }, (usage, exchange) => {
      if (exchange.get(RUN)) return NO_USAGE
      const raw = exchange.get(RAW_USAGE)
      return usage && raw && { ...usage, raw }
    })
    hooks.onComplete.tap('background', (exchange) => {
      upstream.forget(exchange)
      const run = exchange.get(RUN)
      // A reader of its events has begun it. Else it waits until all that the exchange held is free: it needs the same.
      if (!run || run.log) return undefined
      return exchange.outcome === 'ok' ? runs.begin(run) : runs.discard(run)
    })
    hooks.close.tap('background', () => runs.ended())
  },
})

function liveIn(gateway: Gateway, id: string): Map<string, Run> {
  const instances = LIVE.get(gateway) ?? new Map<string, Map<string, Run>>()
  LIVE.set(gateway, instances)
  const live = instances.get(id) ?? new Map<string, Run>()
  instances.set(id, live)
  return live
}
