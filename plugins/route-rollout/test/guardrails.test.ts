import { always, logNormal, seededRandom } from '@sluice/route-kit/testing'
import { describe, expect, test } from 'vitest'
import type { Guardrails, RolloutDefinition } from '../src/options.ts'
import { planOf } from '../src/plan.ts'
import { MINUTE, simulate } from './support/simulation.ts'
import type { Behaviour } from './support/simulation.ts'

const RAMP = [
  { percent: 1, for: '10m' },
  { percent: 10, for: '10m' },
  { percent: 50, for: '10m' },
]
const GUARDRAILS: Guardrails = {
  errorRate: { max: 0.02 },
  latency: { maxRatio: 1.3 },
  ttft: { maxRatio: 1.3, quantile: 0.5 },
  cost: { maxRatio: 1.2 },
}
const canary = (more: Partial<RolloutDefinition> = {}) =>
  planOf('r', { model: 'm', stable: 'a/x', candidate: 'b/y', steps: RAMP, guardrails: GUARDRAILS, ...more })
const usual: Behaviour = {
  errorRate: 0.01,
  latency: logNormal(1000, 0.7),
  ttft: logNormal(200, 0.5),
  cost: logNormal(1e6, 1),
}

describe('a worse candidate is rolled back, and the reason is the right one', () => {
  test.each<[string, Behaviour, string]>([
    ['fails half of its requests', { errorRate: 0.5 }, 'error rate'],
    ['fails one of ten requests', { errorRate: 0.1 }, 'error rate'],
    ['is twice as slow', { latency: logNormal(2000, 0.7) }, 'p95 of latency'],
    [
      'is slow in one of five requests',
      { latency: (random) => (random() < 0.2 ? 20_000 : logNormal(1000, 0.7)(random)) },
      'p95 of latency',
    ],
    ['begins its streams late', { ttft: logNormal(400, 0.5) }, 'p50 of time to first token'],
    ['is twice as dear', { cost: logNormal(2e6, 1) }, 'cost'],
  ])('one that %s', (_, worse, metric) => {
    const runs = Array.from({ length: 4 }, (_, seed) =>
      simulate(canary(), [usual, { ...usual, ...worse }], seededRandom(seed)),
    )
    expect(runs.map(({ state }) => state.status)).toEqual(runs.map(() => 'rolled-back'))
    expect(runs.map(({ findings }) => findings[0]!.metric)).toEqual(runs.map(() => metric))
    expect(runs[0]!.state.changes.at(-1)!.reason).toContain(metric)
    expect(runs[0]!.findings[0]!).toMatchObject({
      arm: 'candidate',
      verdict: 'breach',
      confidence: expect.closeTo(1, 1),
    })
  })

  test('the worse it is, the fewer requests it takes', () => {
    const failing = (errorRate: number): number =>
      simulate(canary({ minSamples: 10 }), [usual, { ...usual, errorRate }], seededRandom(7)).counts[1]!.requests
    expect(failing(0.9)).toBeLessThanOrEqual(failing(0.3))
    expect(failing(0.3)).toBeLessThan(failing(0.08))
    expect(failing(0.9)).toBeLessThan(20)
  })
})

test('a candidate that is no worse completes its ramp, step by step', () => {
  const { state, seconds } = simulate(canary(), [usual, { ...usual, errorRate: 0.002 }], seededRandom(1))
  expect(state.status).toBe('promoted')
  expect(state.changes.map(({ action, shares }) => [action, shares[1]])).toEqual([
    ['start', 0.01],
    ['step', 0.1],
    ['step', 0.5],
    ['promote', 1],
  ])
  expect(seconds).toBeGreaterThanOrEqual(30 * MINUTE)
  expect(seconds).toBeLessThan(40 * MINUTE)
})

test('a candidate that is better in everything is promoted in every run', () => {
  const better: Behaviour = {
    errorRate: 0,
    latency: logNormal(700, 0.7),
    ttft: logNormal(150, 0.5),
    cost: logNormal(5e5, 1),
  }
  const runs = Array.from({ length: 5 }, (_, seed) => simulate(canary(), [usual, better], seededRandom(seed)))
  expect(runs.filter(({ state }) => state.status !== 'promoted')).toEqual([])
})

describe('equal arms raise no alarm, however often one looks', () => {
  const RUNS = 100
  // The harshest limits there are: any true difference would be too much.
  const harsh: Guardrails = {
    errorRate: { max: 0 },
    latency: { maxRatio: 1 },
    ttft: { maxRatio: 1, quantile: 0.5 },
    cost: { maxRatio: 1 },
  }
  const experiment = (weight: number) => {
    const arms = { a: { targets: 'a/x' }, b: { targets: 'b/y', weight } }
    return planOf('aa', { model: 'm', kind: 'experiment', arms, guardrails: harsh })
  }

  test.each<[string, Behaviour, number]>([
    ['usual ones', usual, 1],
    ['with wild latencies and costs', { ...usual, latency: logNormal(1000, 2), cost: logNormal(1e6, 1.8) }, 1],
    ['the first of which is small, and wild', { ...usual, cost: logNormal(1e6, 2.5) }, 15],
    ['the second of which is small, and wild', { ...usual, cost: logNormal(1e6, 2.5) }, 0.07],
    ['with costs that are all the same', { ...usual, cost: always(123_457) }, 1],
  ])('%s', (_, behaviour, weight) => {
    const plan = experiment(weight)
    const runs = Array.from({ length: RUNS }, (_, seed) =>
      simulate(plan, [behaviour, behaviour], seededRandom(seed), { perSecond: 10, limit: 2 * MINUTE }),
    )
    expect(runs.filter(({ state }) => state.status === 'running').length).toBeGreaterThanOrEqual(95)
  })
})
