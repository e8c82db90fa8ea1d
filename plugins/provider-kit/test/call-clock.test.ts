import type { GatewayError, Timeouts } from '@sluice/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CallClock } from '../src/call-clock.ts'

const LIMITS: Timeouts = { connect: 10, firstByte: 100, idle: 80, total: 1000 }

let clock: CallClock
let errors: { at: number; message: string }[]
let startedAt: number

function start(stream: boolean, limits: Partial<Timeouts> = {}): void {
  errors = []
  startedAt = performance.now()
  clock = new CallClock({ ...LIMITS, ...limits }, stream, (error: GatewayError) => {
    expect(error.code).toBe('upstream_timeout')
    errors.push({ at: performance.now() - startedAt, message: error.message })
  })
}
/** Something comes every `step` milliseconds, until `end`. */
function flow(end: number, step = 10): void {
  while (performance.now() - startedAt < end) {
    vi.advanceTimersByTime(step)
    clock.touch()
  }
}
function begin(): void {
  clock.touch()
  clock.firstByte()
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  clock.stop()
  vi.useRealTimers()
})

describe('the time of a whole answer', () => {
  test('is limited in total, and by nothing else', () => {
    start(false)
    vi.advanceTimersByTime(999)
    expect(errors).toEqual([])
    vi.advanceTimersByTime(500)
    expect(errors).toEqual([{ at: 1000, message: 'The upstream did not finish within 1000 ms.' }])
  })

  test('is so too where a stream was asked for', () => {
    start(true)
    clock.wholeAnswer()
    vi.advanceTimersByTime(2000)
    expect(errors.map(({ at }) => at)).toEqual([1000])
  })
})

describe('the time to the first byte', () => {
  test('is limited for streams', () => {
    start(true)
    vi.advanceTimersByTime(2000)
    expect(errors).toEqual([{ at: 100, message: 'The upstream sent nothing within 100 ms.' }])
  })

  test('is not prolonged by bytes that the probe has not passed', () => {
    start(true)
    flow(300)
    expect(errors.map(({ at }) => at)).toEqual([100])
  })

  test('is limited by the total as well', () => {
    start(true, { total: 50 })
    vi.advanceTimersByTime(2000)
    expect(errors).toEqual([{ at: 50, message: 'The upstream did not finish within 50 ms.' }])
  })
})

describe('silence in a stream', () => {
  test.each([0, 1, 19, 20, 33, 79, 80, 81, 130, 399])('after %i ms is noticed at most a quarter late', (last) => {
    start(true)
    begin()
    for (let now = 0; now < last; now++) {
      vi.advanceTimersByTime(1)
      clock.touch()
    }
    expect(errors).toEqual([])
    vi.advanceTimersByTime(500)
    expect(errors).toHaveLength(1)
    expect(errors[0]!.message).toBe('The upstream fell silent within 80 ms.')
    expect(errors[0]!.at).toBeGreaterThanOrEqual(last + 80)
    expect(errors[0]!.at).toBeLessThanOrEqual(last + 100)
  })

  test('of less than the limit is none', () => {
    start(true)
    begin()
    flow(900, 79)
    expect(errors).toEqual([])
  })

  test('has the same limit in a stream that nobody asked for', () => {
    start(false)
    vi.advanceTimersByTime(500)
    begin()
    vi.advanceTimersByTime(200)
    expect(errors).toEqual([{ at: 580, message: 'The upstream fell silent within 80 ms.' }])
  })

  test('does not matter while the client is slow', () => {
    start(true)
    begin()
    clock.pause()
    vi.advanceTimersByTime(900)
    expect(errors).toEqual([])
  })

  test('counts anew once the client has caught up', () => {
    start(true)
    begin()
    clock.pause()
    vi.advanceTimersByTime(500)
    clock.resume()
    vi.advanceTimersByTime(79)
    expect(errors).toEqual([])
    vi.advanceTimersByTime(21)
    expect(errors.map(({ message }) => message)).toEqual(['The upstream fell silent within 80 ms.'])
  })
})

test('a stream that flows, or waits for its client, is limited in total', () => {
  start(true)
  begin()
  flow(500)
  clock.pause()
  vi.advanceTimersByTime(2000)
  expect(errors.map(({ at }) => at)).toEqual([1000])
})

test('a stopped clock tells nothing and leaves no timer', () => {
  start(true)
  begin()
  clock.stop()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(5000)
  expect(errors).toEqual([])
})

test('what comes does not move the timer', () => {
  start(true)
  begin()
  vi.advanceTimersByTime(10)
  clock.touch()
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersToNextTimer()
  expect(performance.now() - startedAt).toBe(20)
})

test.each([true, false])('limits may be longer than a timer can be; stream: %s', (stream) => {
  const month = 30 * 24 * 3_600_000
  start(stream, { firstByte: Number.POSITIVE_INFINITY, idle: Number.POSITIVE_INFINITY, total: month })
  vi.advanceTimersToNextTimer()
  expect(performance.now() - startedAt).toBeGreaterThan(month / 2)
  if (stream) begin()
  vi.advanceTimersByTime(month)
  expect(errors.map(({ at }) => at)).toEqual([month])
})
