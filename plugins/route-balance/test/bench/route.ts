/**
 * What choosing a target costs a request: time by strategy and by number of models with eight targets each, learning
 * from the attempt included. `node plugins/route-balance/test/bench/route.ts` prints it.
 */
import { exchangeKey } from '@sluice/core'
import type { Attempt, Exchange, Target } from '@sluice/core'
import { STRATEGIES, SYSTEM_CLOCK } from '@sluice/route-kit'
import type { StrategyName } from '@sluice/route-kit'
import { simulatedExchange } from '@sluice/route-kit/testing'
import { Balancer } from '../../src/balancer.ts'
import { Plans } from '../../src/plans.ts'

const TARGETS = 8
const prices = { quote: () => ({ most: (input: number, output: number) => input + output, cost: () => null }) }

/** All traits that a filter looks at. */
function targetOf(model: number, place: number): Target {
  return {
    provider: `provider-${place}`,
    model: `model-${model}-${place}`,
    weight: place + 1,
    region: place % 2 ? 'eu-west-1' : 'eu-central-1',
    tags: ['no-training', 'zone-a'],
    requests: 1_000_000_000,
    tokens: 1_000_000_000,
    about: { contextWindow: 128_000, capabilities: ['tools', 'vision', 'json-schema'] },
  }
}

/** A function that takes one request from `beforeRoute` to `onComplete`, another model each time. */
export function routing(strategy: StrategyName, models: number): () => unknown {
  const section = { strategy, require: { regions: ['eu-*'], tags: ['no-training'] } }
  const plans = new Plans(() => section, {}, { clock: SYSTEM_CLOCK, prices, exploration: 0.003 })
  const options = { id: 'balance', clock: SYSTEM_CLOCK, decay: 10_000, avoidFailing: true, tell: () => undefined }
  const balancer = new Balancer({ ...options, plans })
  const lists = Array.from({ length: models }, (_, model) =>
    Array.from({ length: TARGETS }, (_, place) => targetOf(model, place)),
  )
  const names = lists.map((_, model) => `model-${model}`)
  const exchange = request()
  let next = 0
  return () => {
    next = (next + 7919) % models // no neighbour of the last one
    exchange.model = names[next]!
    return serve(balancer, lists[next]!, exchange)
  }
}

const USAGE = { input: { total: 100, cacheRead: 0, cacheWrite: 0 }, output: { total: 100, reasoning: 0 } }

/** One for all models: what it costs to make one is no cost of routing. */
function request(): Exchange {
  const exchange = simulatedExchange({ stream: true, headers: { 'x-session-id': 'a session' } })
  exchange.usage = USAGE
  exchange.set(exchangeKey('bench'), 0) // as other plugins do
  return exchange
}

function serve(balancer: Balancer, targets: readonly Target[], exchange: Exchange): unknown {
  const [target] = balancer.beforeRoute(targets, exchange)
  const startedAt = performance.now()
  const attempt = {
    target,
    startedAt,
    firstByteAt: startedAt + 300,
    endedAt: startedAt + 900,
    error: undefined,
  } as Attempt
  balancer.beforeAttempt(attempt, exchange)
  balancer.onResponse(exchange)
  balancer.afterAttempt(attempt, exchange)
  balancer.onComplete(exchange)
  return target
}

/** Microseconds of each strategy with 1 and with 1,000 models. @param nanoseconds times an operation */
export function routingRows(nanoseconds: (operation: () => unknown) => number): string[][] {
  return STRATEGIES.map((strategy) => [
    strategy,
    ...[1, 1000].map((models) => (nanoseconds(routing(strategy, models)) / 1000).toFixed(2)),
  ])
}

/** The median of some batches. */
function nanoseconds(operation: () => unknown): number {
  const batch = (calls: number): number => {
    const begin = performance.now()
    for (let call = 0; call < calls; call++) operation()
    return ((performance.now() - begin) / calls) * 1e6
  }
  batch(50_000)
  return Array.from({ length: 9 }, () => batch(10_000)).sort((a, b) => a - b)[4]!
}

if (import.meta.main) {
  const rows = [['strategy', 'µs, 1 model', 'µs, 1,000 models'], ...routingRows(nanoseconds)]
  process.stdout.write(rows.map((row) => `${row.map((cell) => cell.padEnd(14)).join('')}\n`).join(''))
}
