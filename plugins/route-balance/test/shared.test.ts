import { parseTarget } from '@sluice/core'
import { always } from '@sluice/route-kit/testing'
import type { Attempt } from '@sluice/core'
import { simulatedExchange } from '@sluice/route-kit/testing'
import { describe, expect, test } from 'vitest'
import { isNews, joinNews, noNews } from '../src/news.ts'
import type { News } from '../src/news.ts'
import { simulated, targetsOf } from './support/simulated.ts'
import type { Given } from './support/simulated.ts'

/** Two processes, of which the second hears what the first one tells. */
function pair(given: Given = {}) {
  const told: [name: string, news: News][] = []
  const one = simulated({ ...given, tell: ({ name }, news) => told.push([name, news]) })
  const other = simulated({ ...given, clock: one.simulation.clock })
  const pass = (): void => {
    const waiting = new Map<string, News>()
    for (const [name, news] of told.splice(0)) {
      const earlier = waiting.get(name)
      waiting.set(name, earlier ? joinNews(earlier, news) : news)
    }
    for (const [name, news] of waiting) other.router.heard(parseTarget(name), news, 'one')
  }
  return { one, other: other.router, pass }
}

describe('what one process sees', () => {
  test('has another one avoid a dead target', () => {
    const { one, other, pass } = pair()
    one.simulation.run({
      router: one.router,
      rate: 20,
      duration: 1000,
      upstreams: { 'p/a': { errorRate: 1 }, 'p/b': {} },
    })
    const first = () => other.beforeRoute(targetsOf({}, {}), simulatedExchange())[0]!.model
    expect(first()).toBe('a')
    pass()
    expect(first()).toBe('b')
    one.simulation.jump(61_000)
    expect(first()).toBe('a')
  })

  test('counts for the minute of a target everywhere', () => {
    const { one, other, pass } = pair()
    const targets = targetsOf({ requests: 10, tokens: 100_000 })
    one.simulation.run({
      router: one.router,
      rate: 10,
      duration: 1500,
      targets,
      upstreams: { 'p/a': { tokens: always(70) } },
    })
    pass()
    expect(() => other.beforeRoute(targets, simulatedExchange())).toThrow(/10 requests a minute/)
  })

  test('has another one prefer who is less busy', () => {
    const { one, other, pass } = pair({ section: { strategy: 'least-busy' } })
    const begin = (model: string, times: number): void => {
      for (let n = 0; n < times; n++) {
        const exchange = simulatedExchange()
        one.router.beforeRoute([parseTarget(`p/${model}`)], exchange)
        one.router.beforeAttempt({ target: parseTarget(`p/${model}`) } as Attempt, exchange)
      }
    }
    begin('a', 5)
    begin('b', 2)
    pass()
    expect(other.beforeRoute(targetsOf({}, {}, {}), simulatedExchange()).map(({ model }) => model)).toEqual([
      'c',
      'b',
      'a',
    ])
    expect(other.figures(parseTarget('p/a'))).toMatchObject({ inFlight: 5, samples: 0 })
  })

  test('has another one know how quick a target is', () => {
    const { one, other, pass } = pair({ section: { strategy: 'latency' } })
    const upstreams = { 'p/a': { ttft: always(400), rest: always(600), tokens: always(50) } }
    one.simulation.run({
      router: one.router,
      rate: 5,
      duration: 5000,
      upstreams,
      request: (n) => ({ stream: n % 2 === 0 }),
    })
    pass()
    const figures = other.figures(parseTarget('p/a'))
    expect(figures.ttftMs).toBeCloseTo(400)
    expect(figures.totalMs).toBeCloseTo(1000)
    expect(figures.tokensPerSecond).toBeCloseTo(50)
    expect(figures).toMatchObject({ inFlight: 0, errorRate: 0 })
  })
})

test('of a target that nobody knows there are no figures', () => {
  const { router } = simulated()
  expect(router.figures(parseTarget('p/x'))).toEqual({
    inFlight: 0,
    ttftMs: undefined,
    totalMs: undefined,
    tokensPerSecond: undefined,
    errorRate: 0,
    samples: 0,
  })
})

test.each([
  undefined,
  null,
  1,
  'x',
  [],
  {},
  { ...noNews(0), busy: '1' },
  { ...noNews(0), bad: NaN },
  { ...noNews(0), ok: -1 },
  { ...noNews(0), ok: undefined },
])('what is no news is taken for none: %j', (value) => {
  expect(isNews(value)).toBe(false)
  expect(isNews(noNews(3))).toBe(true)
})
