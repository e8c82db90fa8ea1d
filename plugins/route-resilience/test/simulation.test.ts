import type { Attempt, Exchange } from '@sluice/core'
import { targetName } from '@sluice/route-kit'
import { Simulation } from '@sluice/route-kit/testing'
import type { SimulatedRouter } from '@sluice/route-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { routerOf } from './support/router.ts'

/** As a balancer would: who comes first is left to chance. */
function shuffled(router: SimulatedRouter, random: () => number): SimulatedRouter {
  return {
    ...router,
    beforeRoute(targets, exchange) {
      const mixed = random() < 0.5 ? targets : targets.toReversed()
      return router.beforeRoute!(mixed, exchange)
    },
  }
}

describe('a brown-out of 30 % errors', () => {
  test.each([1, 2, 3, 4, 5])('of both targets leaves less than one client in a thousand with one (seed %i)', (seed) => {
    const simulation = new Simulation({ seed })
    const { router } = routerOf({ clock: simulation.clock })
    const report = simulation.run({
      router: shuffled(router, simulation.random),
      upstreams: { 'a/m': { errorRate: 0.3 }, 'b/m': { errorRate: 0.3 } },
      rate: 40,
      duration: 300_000,
    })
    expect(report.outcomes.length).toBeGreaterThan(11_000)
    expect(report.errorRate).toBeLessThan(0.001)
  })

  test('of one of two targets is not seen by clients at all', () => {
    const simulation = new Simulation()
    const { router } = routerOf({ clock: simulation.clock })
    const report = simulation.run({
      router,
      upstreams: { 'a/m': { errorRate: 0.3 }, 'b/m': {} },
      rate: 40,
      duration: 120_000,
    })
    expect(report.errors).toBe(0)
    // It is still worth asking.
    expect(report.firstShare('a/m')).toBeGreaterThan(0.9)
  })
})

describe('an outage', () => {
  test('of one target costs it a handful of calls, and no client anything; it is back soon after', () => {
    const simulation = new Simulation()
    const { router } = routerOf({ clock: simulation.clock })
    const report = simulation.run({
      router,
      upstreams: { 'a/m': { trouble: [{ kind: 'down', from: 60_000, until: 120_000 }] }, 'b/m': {} },
      rate: 20,
      duration: 240_000,
    })
    expect(report.errors).toBe(0)
    expect(report.between(60_000, 120_000).calls('a/m')).toBeLessThan(25)
    expect(report.between(200_000).firstShare('a/m')).toBe(1)
  })

  test('in which a target hangs is noticed by its time limit', () => {
    const simulation = new Simulation()
    const { router } = routerOf({
      clock: simulation.clock,
      options: { timeouts: { total: '2s' }, breaker: { consecutive: 5 } },
    })
    const report = simulation.run({
      router,
      upstreams: { 'a/m': { trouble: [{ kind: 'hanging', from: 30_000, until: 90_000 }] }, 'b/m': {} },
      rate: 10,
      duration: 120_000,
    })
    expect(report.errors).toBe(0)
    // Those that were under way when it was noticed, and the probes.
    expect(report.between(40_000, 90_000).calls('a/m')).toBeLessThan(10)
  })

  test('of the only target is not made worse by calls again', () => {
    const simulation = new Simulation()
    const { router } = routerOf({ clock: simulation.clock })
    const report = simulation.run({
      router,
      upstreams: { 'a/m': { trouble: [{ kind: 'down', from: 0, until: 60_000 }] } },
      rate: 20,
      duration: 60_000,
    })
    // Nearly every request is tried once: nobody else can serve it.
    expect(report.calls('a/m') / report.outcomes.length).toBeGreaterThan(0.99)
    expect(report.retries / report.outcomes.length).toBeLessThan(0.05)
  })
})

test('a target that wants to be left alone for an hour is, and is asked again then', () => {
  const simulation = new Simulation()
  const { router, health } = routerOf({ clock: simulation.clock })
  const upstreams = { 'a/m': { requestsPerMinute: 60 }, 'b/m': {} }
  const report = simulation.run({ router, upstreams, rate: 5, duration: 120_000 })
  expect(report.errors).toBe(0)
  expect(health.state({ provider: 'b', model: 'm' }).open).toBe(false)
  // What it allows in a minute is used: it is left alone only as long as it asks for.
  expect(report.share('a/m') * report.outcomes.length).toBeGreaterThan(100)
})

test('calls again never exceed their budget, whatever upstreams do', () => {
  const behaviour = fc.record({
    errorRate: fc.double({ min: 0, max: 1, noNaN: true }),
    requestsPerMinute: fc.option(fc.integer({ min: 10, max: 600 }), { nil: undefined }),
  })
  const settings = fc.record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    upstreams: fc.array(behaviour, { minLength: 1, maxLength: 3 }),
    ratio: fc.double({ min: 0, max: 0.5, noNaN: true }),
    perMinute: fc.integer({ min: 0, max: 60 }),
    rate: fc.integer({ min: 1, max: 40 }),
  })
  fc.assert(
    fc.property(settings, ({ seed, upstreams, ratio, perMinute, rate }) => {
      const simulation = new Simulation({ seed })
      const first = new Map<string, number>()
      const again = new Map<string, number>()
      const count = (map: Map<string, number>, name: string): void => void map.set(name, (map.get(name) ?? 0) + 1)
      const { router } = routerOf({
        clock: simulation.clock,
        // A breaker that never opens: nothing else keeps calls back.
        options: {
          retryBudget: { ratio, perMinute },
          breaker: { consecutive: 1e9, minimum: 1e9 },
          retries: { max: 10 },
          maxAttempts: 20,
        },
        onCall: ({ target }, isAgain) => count(isAgain ? again : first, targetName(target)),
      })
      const named = Object.fromEntries(
        upstreams.map(({ errorRate, requestsPerMinute }, index) => [
          `p${index}/m`,
          { errorRate, ...(requestsPerMinute !== undefined && { requestsPerMinute }) },
        ]),
      )
      simulation.run({ router, upstreams: named, rate, duration: 60_000 })
      const minutes = simulation.clock.now() / 60_000
      for (const [name, calls] of again) {
        expect(calls).toBeLessThanOrEqual(ratio * (first.get(name) ?? 0) + perMinute * (minutes + 1) + 1e-6)
      }
    }),
    { numRuns: 40 },
  )
})

test('a hot path without failures makes nothing and changes nothing', () => {
  const simulation = new Simulation()
  const { router } = routerOf({ clock: simulation.clock })
  const targets = [
    { provider: 'a', model: 'm' },
    { provider: 'b', model: 'm' },
  ]
  const seen: boolean[] = []
  simulation.run({
    router: {
      ...router,
      beforeRoute(given, exchange: Exchange) {
        const routed = router.beforeRoute!(given, exchange)
        seen.push(routed === given)
        return routed
      },
      beforeAttempt: (attempt: Attempt, exchange) => router.beforeAttempt!(attempt, exchange),
    },
    upstreams: { 'a/m': {}, 'b/m': {} },
    targets,
    rate: 10,
    duration: 5_000,
  })
  expect(seen.length).toBeGreaterThan(10)
  expect(seen.every(Boolean)).toBe(true)
})
