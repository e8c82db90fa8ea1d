import { describe, expect, test } from 'vitest'
import { Failures } from '../src/failures.ts'
import { InFlight } from '../src/in-flight.ts'
import { MovingAverage } from '../src/moving-average.ts'

describe('a moving average', () => {
  test('is the first sample, and what came later by its age', () => {
    const average = new MovingAverage(1000)
    expect(average.value).toBeUndefined()
    average.add(100, 0)
    average.add(200, 1000)
    expect(average.value).toBeCloseTo(200 - 100 / Math.E)
  })

  test('rises at once and falls slowly, if it is a peak', () => {
    const average = new MovingAverage(1000, { isPeak: true })
    for (const sample of [100, 900]) average.add(sample, 0)
    expect(average.value).toBe(900)
    average.add(100, 500)
    expect(average.value).toBeGreaterThan(500)
  })

  test('gives each sample its least weight', () => {
    const average = new MovingAverage(1000, { floor: 0.5 })
    for (const sample of [0, 1, 1]) average.add(sample, 0)
    expect(average.value).toBe(0.75)
  })

  test('fades, and fades on after the clock was set back', () => {
    const average = new MovingAverage(1000)
    average.add(1, 1e9)
    expect(average.faded(0)).toBe(1)
    expect(average.faded(1000)).toBeCloseTo(1 / Math.E)
  })
})

describe('failures', () => {
  const fail = (failures: Failures, now: number, rest = 0) => failures.learn({ ok: 0, bad: 1, rest }, now)
  const succeed = (failures: Failures, now: number) => failures.learn({ ok: 1, bad: 0, rest: 0 }, now)
  const failed = (times: number, now = 0): Failures => {
    const failures = new Failures()
    for (let n = 0; n < times; n++) fail(failures, now)
    return failures
  }

  test.each([
    [0, 0],
    [4, 0],
    [5, 1000],
    [50, 1000],
  ])('%i in a row at once have a target avoided for %i ms', (times, pause) => {
    expect(failed(times).avoided(0)).toBe(pause)
  })

  test('that go on have it avoided for longer and longer, up to 15 s, with one attempt each time', () => {
    const failures = failed(5)
    const pauses: number[] = []
    for (let now = 0, n = 0; n < 8; n++) {
      const pause = failures.avoided(now)
      pauses.push(pause)
      now += pause
      failures.begin(now)
      expect(failures.avoided(now)).toBeGreaterThan(0) // further ones wait for what comes of it
      fail(failures, now + 20)
      now += 20
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000])
  })

  test('are over with the first success', () => {
    const failures = failed(5)
    succeed(failures, 1100)
    expect(failures.avoided(1100)).toBe(0)
    for (let n = 0; n < 4; n++) fail(failures, 1200)
    expect(failures.avoided(1200)).toBe(0)
  })

  test.each([
    [500, 500],
    [7000, 7000],
    [3_600_000, 60_000],
  ])('with a wish of %i ms have it avoided for %i, also if others succeed', (wish, pause) => {
    const failures = new Failures()
    fail(failures, 0, wish)
    succeed(failures, 0)
    expect(failures.avoided(0)).toBe(pause)
  })

  test.each([
    [1, 49],
    [10, 90],
    [90, 10],
  ])('that are told together with what went well, %i with %i, have the rate that they had', (bad, ok) => {
    const failures = new Failures()
    for (let now = 0; now < 20_000; now += 500) failures.learn({ ok, bad, rest: 0 }, now)
    expect(failures.rate(19_500)).toBeCloseTo(bad / (bad + ok))
    expect(failures.avoided(19_500)).toBe(0)
  })

  test('that are told together count each', () => {
    const together = new Failures()
    succeed(together, 0)
    together.learn({ ok: 0, bad: 20, rest: 0 }, 0)
    const single = new Failures()
    succeed(single, 0)
    for (let n = 0; n < 20; n++) fail(single, 0)
    expect(together.rate(0)).toBeCloseTo(single.rate(0))
    expect(together.avoided(0)).toBe(1000)
  })

  test('do not bind after the clock was set back', () => {
    expect(failed(5, 1e9).avoided(0)).toBe(0)
  })

  test('have a rate that fades', () => {
    const failures = failed(20)
    expect(failures.rate(0)).toBeGreaterThan(0.6)
    expect(failures.rate(60_000)).toBeLessThan(0.01)
  })
})

describe('attempts under way', () => {
  test('are counted from their beginning to their end', () => {
    const inFlight = new InFlight()
    inFlight.begin(0)
    inFlight.begin(0)
    inFlight.head(0)
    expect(inFlight.total(0)).toBe(2)
    inFlight.end()
    expect(inFlight.total(0)).toBe(1)
  })

  test('have the age of those that wait for their first byte', () => {
    const inFlight = new InFlight()
    expect(inFlight.age(1000)).toBe(0)
    inFlight.begin(0)
    inFlight.begin(600)
    expect(inFlight.age(1000)).toBe(700)
    inFlight.head(0)
    expect(inFlight.age(1000)).toBe(400)
    inFlight.head(600)
    expect(inFlight.age(1000)).toBe(0)
  })

  test('of other processes count until those are silent for half a minute', () => {
    const inFlight = new InFlight()
    inFlight.begin(0)
    inFlight.heard('a', 5, 0)
    inFlight.heard('b', 7, 0)
    inFlight.heard('b', 2, 1000)
    expect(inFlight.total(1000)).toBe(8)
    inFlight.heard('a', 0, 20_000)
    expect(inFlight.total(20_000)).toBe(3)
    expect(inFlight.total(45_000)).toBe(1)
  })

  test('of other processes are forgotten also if the clock was set back', () => {
    const inFlight = new InFlight()
    inFlight.heard('a', 5, 1e9)
    expect(inFlight.total(0)).toBe(0)
  })
})
