import type { Target } from '@sluice/core'
import { STRATEGIES } from '@sluice/route-kit'
import { always, logNormal } from '@sluice/route-kit/testing'
import type { Behaviour, Report } from '@sluice/route-kit/testing'
import type { Prices } from '@sluice/usage-kit'
import { describe, expect, test } from 'vitest'
import { nameOf, targetsOf } from './support/simulated.ts'
import { FAST, run, SLOW } from './support/traffic.ts'
import type { Run } from './support/traffic.ts'

const sharesOf = (report: Report, count: number): number[] =>
  Array.from({ length: count }, (_, place) => report.share(nameOf(place)))

/** Whether a share is what chance makes of `expected`, but for one case in 15,000. */
function expectShare(report: Report, place: number, expected: number): void {
  const deviation = Math.sqrt((expected * (1 - expected)) / report.outcomes.length)
  expect(Math.abs(report.firstShare(nameOf(place)) - expected)).toBeLessThanOrEqual(4 * deviation)
}

describe('shares', () => {
  const weights = [{ weight: 5 }, { weight: 3 }, { weight: 1 }, { weight: 1 }]

  test.each(['weighted', 'sticky', 'usage', 'cost'] as const)(
    'of "%s" are those of the weights, among equals',
    (strategy) => {
      const equal: Prices = { quote: () => ({ most: () => 1, cost: () => null }) }
      const report = run({
        section: { strategy },
        prices: equal,
        targets: targetsOf(...weights),
        upstreams: [FAST, FAST, FAST, FAST],
      })
      weights.forEach(({ weight }, place) => expectShare(report, place, weight / 10))
    },
  )

  test.each([[[1, 1, 1]], [[5, 3, 1, 1]], [[0.2, 0.7]]])(
    'of "round-robin" are those of the weights %j, to the request',
    (list) => {
      const targets = targetsOf(...list.map((weight) => ({ weight })))
      const report = run({ section: { strategy: 'round-robin' }, targets, upstreams: list.map(() => FAST) })
      const sum = list.reduce((a, b) => a + b, 0)
      list.forEach((weight, place) => {
        expect(Math.abs(report.calls(nameOf(place)) - (report.outcomes.length * weight) / sum)).toBeLessThan(2)
      })
    },
  )

  test('of "ordered" are all for the first', () => {
    expect(sharesOf(run({ upstreams: [SLOW, FAST] }), 2)).toEqual([1, 0])
  })

  test('of "least-busy" are in proportion to speed, and even among equals', () => {
    const report = run({
      section: { strategy: 'least-busy' },
      rate: 200,
      upstreams: [FAST, FAST, { ttft: logNormal(900, 0.3) }],
    })
    const [a = 0, b = 0, slow = 0] = sharesOf(report, 3)
    expect(a / b).toBeCloseTo(1, 1)
    expect(a / slow).toBeGreaterThan(2.5)
    expect(a / slow).toBeLessThan(3.5)
  })

  test('of "latency" are even among equals', () => {
    const report = run({ section: { strategy: 'latency' }, upstreams: [FAST, FAST, FAST] })
    for (const share of sharesOf(report, 3)) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.1)
  })

  test('of "throughput" are for those that speak fast, whoever begins first', () => {
    const swift: Behaviour = { ttft: always(1000), rest: always(1000), tokens: always(200) }
    const sluggish: Behaviour = { ttft: always(100), rest: always(9900), tokens: always(200) }
    const report = run({
      section: { strategy: 'throughput' },
      upstreams: [sluggish, swift, swift],
      request: () => ({ stream: true }),
    })
    expect(report.between(10_000).share(nameOf(0))).toBeLessThan(0.02)
  })

  test('of "cost" are for the cheapest, even if it is slow', () => {
    expect(sharesOf(run({ section: { strategy: 'cost' }, upstreams: [SLOW, FAST] }), 2)).toEqual([1, 0])
  })

  test('of "usage" are in proportion to the limits, so that nobody is asked for too much', () => {
    const limits = [{ requests: 1800 }, { requests: 600 }, { requests: 300 }]
    const report = run({
      section: { strategy: 'usage' },
      rate: 40,
      targets: targetsOf(...limits),
      upstreams: limits.map(({ requests }) => ({ ...FAST, requestsPerMinute: requests })),
    })
    const shares = sharesOf(report.between(60_000), 3)
    limits.forEach(({ requests }, place) => expect(Math.abs(shares[place]! - requests / 2700)).toBeLessThan(0.02))
    expect(report.retries + report.errors).toBe(0)
  })

  test('of a drained target are nothing, unless nobody else is left', () => {
    for (const strategy of STRATEGIES) {
      const down: Behaviour = { ...FAST, trouble: [{ kind: 'down', from: 60_000, until: Infinity }] }
      const report = run({ section: { strategy }, targets: targetsOf({ weight: 0 }, {}), upstreams: [FAST, down] })
      expect(report.between(0, 59_000).share(nameOf(0))).toBe(0)
      expect(report.between(62_000).share(nameOf(0))).toBe(1)
      expect(report.errors).toBe(0)
    }
  })

  test.each(STRATEGIES)('of "%s" stay within the first group while one of it works', (strategy) => {
    const groups = [{ priority: 1 }, { priority: 0 }, { priority: 0 }]
    const down: Behaviour = { ...FAST, trouble: [{ kind: 'down', from: 60_000, until: 90_000 }] }
    const report = run({ section: { strategy }, targets: targetsOf(...groups), upstreams: [FAST, down, down] })
    expect(report.between(0, 59_000).share(nameOf(0))).toBe(0)
    expect(report.between(62_000, 89_000).share(nameOf(0))).toBe(1)
    expect(report.between(110_000).share(nameOf(0))).toBeLessThan(0.01)
    expect(report.errors).toBe(0)
  })
})

describe('one of four that is slow', () => {
  const upstreams = [FAST, FAST, FAST, SLOW]
  const p99 = (strategy: 'latency' | 'round-robin', more: Partial<Run> = {}): number =>
    run({ section: { strategy }, upstreams, ...more }).percentile(0.99)

  test.each([5, 50, 300])(
    'costs "latency" at most half of what it costs "round-robin", at %i requests a second',
    (rate) => {
      for (const seed of [1, 2, 3]) {
        expect(p99('latency', { rate, seed }) * 2).toBeLessThan(p99('round-robin', { rate, seed }))
      }
    },
  )

  test('is found by the first byte of streams, however long they last', () => {
    const long = { rest: always(20_000) }
    const report = run({
      section: { strategy: 'latency' },
      upstreams: upstreams.map((each) => ({ ...each, ...long })),
      request: () => ({ stream: true }),
    })
    expect(report.between(5_000).percentile(0.99, 'ttft')).toBeLessThan(1500)
  })

  test('is used less as soon as it is slow, and again when it is not', () => {
    const browned: Behaviour = { ...FAST, trouble: [{ kind: 'slow', factor: 20, from: 20_000, until: 50_000 }] }
    const report = run({ section: { strategy: 'latency' }, duration: 180_000, upstreams: [browned, FAST, FAST, FAST] })
    expect(report.between(22_000, 50_000).firstShare(nameOf(0))).toBeLessThan(0.02)
    expect(report.between(110_000).firstShare(nameOf(0))).toBeGreaterThan(0.1)
  })
})

describe('a target that is dead', () => {
  const dies = (kind: 'down' | 'hanging'): Behaviour => ({ ...FAST, trouble: [{ kind, from: 20_000, until: 50_000 }] })

  test.each(STRATEGIES)(
    'gets less than 1 % of the requests of "%s" within 2 s, and its share again afterwards',
    (strategy) => {
      for (const seed of [1, 2, 3]) {
        const report = run({
          seed,
          section: { strategy },
          duration: 140_000,
          upstreams: [dies('down'), FAST, FAST, FAST],
        })
        const before = report.between(0, 20_000).firstShare(nameOf(0))
        expect(report.between(22_000, 50_000).firstShare(nameOf(0))).toBeLessThan(0.01)
        expect(report.between(100_000).firstShare(nameOf(0))).toBeGreaterThan(before / 2)
        expect(report.errors).toBe(0)
      }
    },
  )

  test.each(['latency', 'throughput', 'least-busy'] as const)(
    'is noticed by "%s" though it never answers',
    (strategy) => {
      const report = run({ section: { strategy }, upstreams: [dies('hanging'), FAST, FAST, FAST] })
      expect(report.between(24_000, 50_000).firstShare(nameOf(0))).toBeLessThan(0.01)
    },
  )

  test('attracts nobody by failing at once now and then', () => {
    const flaky: Behaviour = { ...FAST, errorRate: 0.4, errorLatency: always(5) }
    for (const strategy of ['latency', 'throughput', 'least-busy'] as const) {
      const report = run({ section: { strategy }, rate: 200, upstreams: [flaky, FAST, FAST, FAST] })
      expect(report.firstShare(nameOf(0))).toBeLessThan(0.15)
    }
  })

  test('is left to its plugin where one provides Health', () => {
    const health = { state: ({ model }: Target) => ({ open: model === 'b' }) }
    const report = run({ section: { strategy: 'weighted' }, health, upstreams: [dies('down'), FAST, FAST] })
    expect(report.calls(nameOf(1))).toBe(0)
    expect(report.between(22_000, 50_000).firstShare(nameOf(0))).toBeGreaterThan(0.4)
  })

  test('keeps its place if failures shall not count', () => {
    const report = run({ avoidFailing: false, upstreams: [dies('down'), FAST] })
    expect(report.firstShare(nameOf(0))).toBe(1)
  })

  test('that says for how long it wants to be left alone is left alone', () => {
    const limited: Behaviour = { ...FAST, requestsPerMinute: 60 }
    const report = run({ rate: 20, upstreams: [limited, FAST] })
    expect(report.errors).toBe(0)
    expect(report.calls(nameOf(0))).toBeLessThan(400) // of 2,400, of which it takes 180
  })
})
