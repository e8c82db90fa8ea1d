import { GatewayError, parseTarget } from '@sluice/core'
import type { Attempt, Exchange, Target } from '@sluice/core'
import { simulatedExchange } from '@sluice/route-kit/testing'
import { describe, expect, test } from 'vitest'
import type { Balancer } from '../src/balancer.ts'
import { simulated, targetsOf } from './support/simulated.ts'

const GIVEN_UP = new GatewayError('client_closed', 'It was given up, as another target was quicker.')
const USAGE = { input: { total: 10, cacheRead: 0, cacheWrite: 0 }, output: { total: 50, reasoning: 0 } }

function begin(router: Balancer, exchange: Exchange, target: Target): Attempt {
  const moments = { startedAt: 0, firstByteAt: 0, endedAt: 0 }
  const attempt = { number: 1, target, status: 0, error: undefined, ...moments } as unknown as Attempt
  exchange.attempts.push(attempt)
  router.beforeAttempt(attempt, exchange)
  return attempt
}

function end(router: Balancer, exchange: Exchange, attempt: Attempt, error?: GatewayError): void {
  Object.assign(attempt, { endedAt: 900, error })
  router.afterAttempt(attempt, exchange)
}

describe('of two attempts that run side by side', () => {
  test.each([0, 1])('each counts for its own target, and number %i that answers is measured', (winner) => {
    const { router } = simulated()
    const targets = targetsOf({}, {})
    const exchange = simulatedExchange()
    router.beforeRoute(targets, exchange)
    const attempts = targets.map((target) => begin(router, exchange, target))
    const busy = () => targets.map((target) => router.figures(target).inFlight)
    expect(busy()).toEqual([1, 1])

    // The kernel ends the one that lost at once, and has the other one stand last.
    end(router, exchange, attempts[1 - winner]!, GIVEN_UP)
    exchange.attempts.splice(0, 2, attempts[1 - winner]!, attempts[winner]!)
    attempts[winner]!.firstByteAt = 400
    router.onResponse(exchange)
    end(router, exchange, attempts[winner]!)
    router.onComplete(exchange)
    expect(busy()).toEqual([0, 0])
    expect(router.figures(targets[winner]!)).toMatchObject({ totalMs: 400, samples: 1, errorRate: 0 })
    // The other one takes at least as long as it was waited for.
    expect(router.figures(targets[1 - winner]!)).toMatchObject({ totalMs: 900, samples: 1, errorRate: 0 })
  })

  test('one that was given up before it began never counts', () => {
    const { router } = simulated()
    const [target] = targetsOf({})
    const exchange = simulatedExchange()
    router.beforeRoute([target!], exchange)
    const attempt = { target, error: GIVEN_UP } as unknown as Attempt
    router.afterAttempt(attempt, exchange)
    router.beforeAttempt(attempt, exchange)
    expect(router.figures(target!).inFlight).toBe(0)
  })
})

test.each([
  ['longer than it takes', 300, 900],
  ['shorter', 2000, 2000],
])('a target on which a client gives up after waiting %s takes at least that long', (_what, before, after) => {
  const { router } = simulated()
  const [target] = targetsOf({})
  for (const error of [undefined, GIVEN_UP]) {
    const exchange = simulatedExchange()
    router.beforeRoute([target!], exchange)
    const attempt = begin(router, exchange, target!)
    attempt.firstByteAt = before
    if (!error) router.onResponse(exchange)
    end(router, exchange, attempt, error)
  }
  expect(router.figures(target!)).toMatchObject({ totalMs: after, inFlight: 0, errorRate: 0 })
})

describe('the tokens of an attempt that failed', () => {
  test.each([
    ['are taken back if no answer had begun', false, 0],
    ['are those that are known of it if its answer broke off', true, 60],
  ])('%s', (_what, isHeaded, counted) => {
    let sum = 0
    const { router } = simulated({ tell: (_record, { tokens }) => void (sum += tokens) })
    const target = { ...parseTarget('p/a'), tokens: 1000 }
    const exchange = simulatedExchange({ stream: true })
    router.beforeRoute([target], exchange)
    const attempt = begin(router, exchange, target)
    expect(sum).toBeGreaterThan(100)
    if (isHeaded) {
      router.onResponse(exchange)
      exchange.usage = USAGE
    }
    end(router, exchange, attempt, new GatewayError('upstream_error', 'It broke off.'))
    router.onComplete(exchange)
    expect(sum).toBe(counted)
  })
})

test('rules hold for targets that others bring in where there was none', () => {
  const { router } = simulated({ section: { require: { regions: ['eu-*'] } } })
  const exchange = simulatedExchange()
  expect(router.beforeRoute([], exchange)).toEqual([])
  expect(() => begin(router, exchange, parseTarget('p/a'))).toThrow(/its region is not known/)
  expect(() => begin(router, exchange, { ...parseTarget('p/a'), region: 'eu-west-1' })).not.toThrow()
})
