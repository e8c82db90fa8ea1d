import { STRATEGIES } from '@sluice/route-kit'
import { always } from '@sluice/route-kit/testing'
import type { Behaviour } from '@sluice/route-kit/testing'
import { describe, expect, test } from 'vitest'
import { nameOf, simulated, targetsOf } from './support/simulated.ts'
import { FAST, prices, run, SLOW } from './support/traffic.ts'

describe('a target with limits of its own', () => {
  test('is asked for no more requests than it allows', () => {
    const report = run({
      rate: 20,
      duration: 300_000,
      targets: targetsOf({ requests: 300 }, {}),
      upstreams: [{ ...FAST, requestsPerMinute: 300 }, FAST],
    })
    expect(report.retries).toBe(0)
    expect(report.calls(nameOf(0))).toBeGreaterThan(1300)
    expect(report.calls(nameOf(0))).toBeLessThanOrEqual(1500)
  })

  test('is asked for no more tokens than it allows, once it is known how long answers are', () => {
    const report = run({
      rate: 20,
      duration: 300_000,
      targets: targetsOf({ tokens: 60_000 }, {}),
      upstreams: [
        { ...FAST, tokens: always(100), tokensPerMinute: 60_000 },
        { ...FAST, tokens: always(100) },
      ],
    })
    expect(report.between(60_000).retries).toBe(0)
    expect(report.calls(nameOf(0))).toBeGreaterThan(1200)
    expect(report.calls(nameOf(0))).toBeLessThanOrEqual(1550)
  })

  test('is asked again within 5 s when the minute is over, and says so where it is alone', () => {
    const report = run({ rate: 20, duration: 150_000, targets: targetsOf({ requests: 300 }), upstreams: [FAST] })
    const errors = new Set(report.outcomes.map(({ error }) => error))
    expect(errors).toEqual(new Set([undefined, 'no_target_available']))
    expect(report.between(20_000, 58_000).errorRate).toBe(1)
    expect(report.between(65_500, 69_000).errorRate).toBe(0)
  })
})

describe('a clock that leaps', () => {
  test.each(STRATEGIES)('forward or back disturbs "%s" in nothing', (strategy) => {
    for (const leap of [3_600_000, -3_600_000, 86_400_000]) {
      const { simulation, router } = simulated({ section: { strategy }, prices })
      const dead: Behaviour = { ...FAST, trouble: [{ kind: 'down', from: 60_000, until: 80_000 }] }
      const targets = targetsOf({ requests: 100_000 }, { requests: 100_000 }, { requests: 100_000 })
      const report = simulation.run({
        router,
        rate: 50,
        duration: 160_000,
        targets,
        upstreams: { 'p/a': dead, 'p/b': FAST, 'p/c': FAST },
        request: (number) => ({ principal: { user: `u${number}` } }),
        events: [20_000, 70_000, 85_000].map((at) => ({ at, run: () => simulation.jump(leap) })),
      })
      const before = report.between(0, 20_000).firstShare('p/a')
      expect(report.errors).toBe(0)
      expect(report.between(72_000, 80_000).firstShare('p/a')).toBeLessThan(0.02)
      expect(report.between(120_000).firstShare('p/a')).toBeGreaterThan(before / 2)
    }
  })
})

describe('decisions', () => {
  test('are the same for the same chance', () => {
    for (const strategy of STRATEGIES) {
      const once = run({ section: { strategy }, upstreams: [FAST, SLOW, FAST], duration: 20_000 })
      expect(run({ section: { strategy }, upstreams: [FAST, SLOW, FAST], duration: 20_000 }).outcomes).toEqual(
        once.outcomes,
      )
    }
  })
})
