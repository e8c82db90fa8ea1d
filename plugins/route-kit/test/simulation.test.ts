import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { always, between, EventQueue, exponential, logNormal, seededRandom, Simulation } from '../src/testing/index.ts'
import type { Behaviour, SimulatedRouter, Traffic } from '../src/testing/index.ts'

const STEADY: Behaviour = { ttft: always(100) }
const traffic = (upstreams: Traffic['upstreams'], more: Partial<Traffic> = {}): Traffic => ({
  router: {},
  upstreams,
  rate: 50,
  duration: 60_000,
  ...more,
})

test('events run in the order of their time, and of their coming where that is the same', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (delays) => {
      const queue = new EventQueue()
      const ran: [at: number, number: number][] = []
      delays.forEach((delay, number) => queue.add(delay, () => ran.push([queue.now, number])))
      queue.drain()
      const expected = delays.map((delay, number): [number, number] => [delay, number])
      expect(ran).toEqual(expected.sort(([a, x], [b, y]) => a - b || x - y))
    }),
  )
})

test.each([
  ['always', always(300), 300],
  ['between', between(200, 400), 300],
  ['exponential', exponential(300), 300],
  ['log-normal', logNormal(300, 0.5), 300 * Math.exp(0.125)],
] as const)('%s has the mean that it should have', (_name, distribution, mean) => {
  const random = seededRandom(7)
  const draws = Array.from({ length: 20_000 }, () => distribution(random))
  expect(draws.reduce((sum, draw) => sum + draw, 0) / draws.length / mean).toBeCloseTo(1, 1)
})

describe('a simulation', () => {
  test('does the same for the same seed, and something else for another', () => {
    const run = (seed: number) => new Simulation({ seed }).run(traffic({ 'p/a': { errorRate: 0.3 } })).outcomes
    expect(run(1)).toEqual(run(1))
    expect(run(1)).not.toEqual(run(2))
  })

  test('has as many requests as its rate says', () => {
    const { outcomes } = new Simulation().run(traffic({ 'p/a': STEADY }))
    expect(Math.abs(outcomes.length - 3000)).toBeLessThan(4 * Math.sqrt(3000))
  })

  test('goes to the next target when one fails, and tells the client if none is left', () => {
    const down: Behaviour = { trouble: [{ kind: 'down', from: 0, until: 30_000 }] }
    const report = new Simulation().run(traffic({ 'p/a': down, 'p/b': { ...STEADY, errorRate: 0.5 } }))
    const [during, after] = [report.between(0, 29_000), report.between(30_000)]
    expect(during.share('p/a')).toBe(0)
    expect(during.errorRate).toBeCloseTo(0.5, 1)
    expect(during.retries).toBe(during.outcomes.length)
    expect(after.share('p/a')).toBe(1)
    expect(after.errors).toBe(0)
  })

  test('calls hooks in the order of the kernel, with the moments of attempts', () => {
    const calls: string[] = []
    const router: SimulatedRouter = {
      beforeRoute: () => void calls.push('beforeRoute'),
      beforeAttempt: ({ number }) => void calls.push(`beforeAttempt ${number}`),
      onAttemptError: ({ number, error, status }) => {
        calls.push(`onAttemptError ${number} ${error?.code} ${status}`)
        return { verdict: number === 1 ? 'retry' : 'next', pause: 1000 }
      },
      afterAttempt: ({ number, startedAt, firstByteAt, endedAt }) =>
        void calls.push(
          `afterAttempt ${number} ${Math.round(firstByteAt - startedAt)} ${Math.round(endedAt - startedAt)}`,
        ),
      onResponse: () => void calls.push('onResponse'),
      onComplete: ({ usage }) => void calls.push(`onComplete ${usage?.output.total}`),
    }
    const upstreams = { 'p/a': { errorRate: 1 }, 'p/b': { ttft: always(100), rest: always(900), tokens: always(42) } }
    const report = new Simulation().run({
      ...traffic(upstreams),
      router,
      rate: 0.1,
      duration: 20_000,
      request: () => ({ stream: true }),
    })
    expect(report.outcomes.length).toBeGreaterThan(0)
    expect(calls.slice(0, 9)).toEqual([
      'beforeRoute',
      'beforeAttempt 1',
      'onAttemptError 1 upstream_error 500',
      'afterAttempt 1 20 20',
      'beforeAttempt 2',
      'onAttemptError 2 upstream_error 500',
      'afterAttempt 2 20 20',
      'beforeAttempt 3',
      'onResponse',
    ])
    expect(calls.slice(9, 11)).toEqual(['afterAttempt 3 100 1000', 'onComplete 42'])
    expect(report.outcomes[0]).toMatchObject({ attempts: ['p/a', 'p/a', 'p/b'], served: 'p/b' })
    expect(report.outcomes[0]!.total).toBeCloseTo(20 + 1000 + 20 + 1000 + 1000)
  })

  test('gives up what does not answer when its time is over', () => {
    const hanging: Behaviour = { trouble: [{ kind: 'hanging', from: 0, until: Infinity }] }
    const report = new Simulation().run(traffic({ 'p/a': hanging }, { timeouts: { total: 5000 } }))
    expect(report.errors).toBe(report.outcomes.length)
    expect(report.outcomes[0]).toMatchObject({ error: 'upstream_timeout', total: 5000 })
  })

  test('knows upstreams that are slow, that fail now and then, and that take only so much', () => {
    const slow: Behaviour = { ...STEADY, trouble: [{ kind: 'slow', factor: 10, from: 0, until: Infinity }] }
    expect(new Simulation().run(traffic({ 'p/a': slow })).percentile(0.5)).toBe(1000)
    const failing: Behaviour = { trouble: [{ kind: 'failing', errorRate: 0.2, from: 0, until: Infinity }] }
    expect(new Simulation().run(traffic({ 'p/a': failing })).errorRate).toBeCloseTo(0.2, 1)
    const limited = new Simulation().run(traffic({ 'p/a': { ...STEADY, requestsPerMinute: 600 } }))
    expect(limited.outcomes.length - limited.errors).toBeGreaterThan(1150) // a minute's worth and what comes in one
    expect(limited.outcomes.length - limited.errors).toBeLessThan(1250)
    expect(limited.outcomes.at(-1)!.error).toBe('rate_limit_exceeded')
    const narrow = new Simulation().run(traffic({ 'p/a': { ...STEADY, concurrency: 1 } }))
    expect(narrow.errorRate).toBeGreaterThan(0.5)
  })

  test('shows routers a clock that leaps, while nothing else does', () => {
    const simulation = new Simulation()
    const moments: number[] = []
    const router: SimulatedRouter = { beforeRoute: () => void moments.push(simulation.clock.now()) }
    const events = [{ at: 30_000, run: () => simulation.jump(-3_600_000) }]
    const report = simulation.run(traffic({ 'p/a': STEADY }, { router, events }))
    expect(moments.at(-1)).toBeLessThan(-3_000_000)
    expect(Math.max(...report.outcomes.map(({ total }) => total))).toBeCloseTo(100)
  })
})
