import { describe, expect, test } from 'vitest'
import { Breaker } from '../src/breaker.ts'
import type { BreakerSettings } from '../src/breaker.ts'
import { SlidingWindow } from '../src/sliding-window.ts'

const SETTINGS: BreakerSettings = {
  consecutive: 3,
  errorRate: 0.5,
  minimum: 6,
  window: 10_000,
  open: 1_000,
  longest: 4_000,
}

/** A breaker, its changes, and what happens to it: `+` a success, `-` a failure, `!` a certain one, `claim`. */
function made(settings: Partial<BreakerSettings> = {}) {
  let changes = 0
  const breaker = new Breaker({ ...SETTINGS, ...settings }, () => changes++)
  return {
    breaker,
    get changes() {
      return changes
    },
    at: (now: number, ...events: string[]): boolean[] =>
      events.map((event) => {
        if (event === '+') breaker.success(now, now)
        else if (event === 'claim') return breaker.claim(now)
        else breaker.failure({ reason: 'it fails', isCertain: event === '!', coolFor: 0 }, now, now)
        return true
      }),
  }
}

describe('a closed breaker', () => {
  test.each<[string, string[], boolean]>([
    ['failures in a row', ['-', '-', '-'], true],
    ['too few of them', ['-', '-'], false],
    ['a success between them', ['-', '-', '+', '-', '-'], false],
    ['far more than half of enough calls', Array.from({ length: 30 }, (_, i) => (i < 5 ? '+' : '-')), true],
    ['the same of too few calls', ['-', '-', '+', '-', '-'], false],
    ['half of them, which may be chance', Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? '+' : '-')), false],
    ['a third of them', Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? '-' : '+')), false],
    ['one certain failure', ['+', '+', '!'], true],
  ])('after %s', (_, events, isOpen) => {
    // Where the rate is looked at, failures in a row are not.
    const { breaker, at } = made(events.length > 20 ? { consecutive: 100 } : {})
    at(100, ...events)
    expect(breaker.isOpen(100)).toBe(isOpen)
    expect(breaker.state(100).open).toBe(isOpen)
  })

  test.each([
    [14, 20, false],
    [15, 20, true],
    [531, 1_000, false],
    [532, 1_000, true],
  ])('takes %i failures of %i calls for more than half by more than chance: %s', (failures, calls, isWorse) => {
    const window = new SlidingWindow(10_000)
    for (let call = 0; call < calls; call++) window.add(call < failures, 0)
    expect(window.isWorseThan(0.5, 0)).toBe(isWorse)
  })

  test('forgets failures that are older than its window', () => {
    const { breaker, at } = made({ consecutive: 100 })
    at(0, '-', '-', '-', '-', '-')
    at(11_000, '-')
    expect(breaker.isClosed).toBe(true)
    expect(breaker.calls(11_000)).toBe(1)
  })
})

describe('an open breaker', () => {
  test('says why and until when', () => {
    const { breaker, at } = made()
    at(100, '!')
    expect(breaker.state(100)).toMatchObject({ open: true, reason: 'it fails', until: 1_100 })
  })

  test('lets one call at a time try when its time is over', () => {
    const { breaker, at } = made()
    at(0, '!')
    expect(at(999, 'claim')).toEqual([false])
    expect(breaker.phase(1_000)).toBe('half-open')
    expect(at(1_000, 'claim', 'claim')).toEqual([true, false])
    expect(breaker.isOpen(1_000)).toBe(true)
  })

  test('closes with the first call that does well', () => {
    const { breaker, at } = made()
    at(0, '!')
    at(1_000, 'claim', '+')
    expect(breaker.isClosed).toBe(true)
    expect(at(1_000, 'claim', 'claim')).toEqual([true, true])
    // What was before is forgotten.
    at(1_001, '-')
    expect(breaker.isClosed).toBe(true)
  })

  test('closes when the answer of a call begins, however long it goes on', () => {
    const { breaker, at } = made()
    at(0, '!')
    at(1_000, 'claim')
    breaker.alive(1_000, 1_200)
    expect(breaker.isClosed).toBe(true)
  })

  test('stays open for longer each time, up to a bound', () => {
    const { breaker, at } = made()
    at(0, '!')
    let now = 0
    const durations = []
    for (let round = 0; round < 4; round++) {
      const { until } = breaker.opened!
      durations.push(until - now)
      now = until
      at(now, 'claim', '-')
    }
    expect(durations).toEqual([1_000, 2_000, 4_000, 4_000])
  })

  test('that soon opens again is open for longer, but not after a good while', () => {
    const { breaker, at } = made()
    at(0, '!')
    at(1_000, 'claim', '+')
    at(1_500, '!')
    expect(breaker.opened!.until).toBe(3_500)
    at(3_500, 'claim', '+')
    at(20_000, '!')
    expect(breaker.opened!.until).toBe(21_000)
  })

  test('takes no notice of calls that began before it opened', () => {
    const { breaker, at } = made()
    at(500, '!')
    breaker.success(400, 600)
    expect(breaker.isClosed).toBe(false)
    breaker.failure({ reason: 'late', isCertain: true, coolFor: 0 }, 400, 1_600)
    expect(breaker.opened!.until).toBe(1_500)
    expect(at(1_600, 'claim')).toEqual([true])
  })

  test('closes if a call does well that was made all the same', () => {
    const { breaker, at } = made()
    at(0, '!')
    at(100, '+')
    expect(breaker.isClosed).toBe(true)
  })

  test('lets another one try if nothing is heard of the first', () => {
    const { breaker, at } = made()
    at(0, '!')
    expect(at(1_000, 'claim')).toEqual([true])
    expect(at(30_999, 'claim')).toEqual([false])
    expect(at(31_000, 'claim')).toEqual([true])
    breaker.release()
    expect(at(31_001, 'claim')).toEqual([true])
  })

  test('tells of each change once', () => {
    const made1 = made()
    made1.at(0, '-', '-', '-', '-')
    expect(made1.changes).toBe(1)
    made1.at(1_000, 'claim', '+', '+')
    expect(made1.changes).toBe(2)
  })
})

describe('a cooling breaker', () => {
  const cool = (breaker: Breaker, coolFor: number, now: number): void =>
    breaker.failure({ reason: 'it has no capacity left for us', isCertain: false, coolFor }, now, now)

  test('is open for as long as the upstream asks, after one failure', () => {
    const { breaker, at } = made()
    cool(breaker, 7_000, 0)
    expect(breaker.isCooling).toBe(true)
    expect(breaker.isOpen(6_999)).toBe(true)
    expect(at(7_000, 'claim')).toEqual([true])
  })

  test('is not shortened by a later wish, nor longer than an hour', () => {
    const { breaker } = made()
    cool(breaker, 7_000, 0)
    cool(breaker, 1_000, 1_000)
    expect(breaker.opened!.until).toBe(7_000)
    cool(breaker, 86_400_000, 2_000)
    expect(breaker.opened!.until).toBe(3_602_000)
  })

  test('does not make it open for longer when something else goes wrong', () => {
    const { breaker, at } = made()
    cool(breaker, 7_000, 0)
    at(7_000, 'claim', '-')
    expect(breaker.opened!.until).toBe(8_000)
    expect(breaker.isCooling).toBe(false)
  })
})

describe('a breaker that an operator has opened', () => {
  test.each<[string, (breaker: Breaker) => void]>([
    ['a success', (breaker) => breaker.success(2_000, 2_000)],
    ['what another process has seen', (breaker) => breaker.open('it fails', 1_000, 2_000)],
    [
      'an upstream that asks for longer',
      (breaker) => breaker.failure({ reason: 'it is full', isCertain: false, coolFor: 90_000 }, 2_000, 2_000),
    ],
  ])('stays as it is after %s', (_, event) => {
    const { breaker } = made()
    breaker.open('by order', 60_000, 1_000, 'operator')
    event(breaker)
    expect(breaker.opened).toMatchObject({ reason: 'by order', until: 61_000, by: 'operator' })
  })

  test('is like any other when its time is over, and closed by the operator before', () => {
    const [over, before] = [made(), made()]
    for (const { breaker } of [over, before]) breaker.open('by order', 60_000, 1_000, 'operator')
    over.at(61_000, 'claim', '+')
    before.breaker.close(2_000)
    expect([over.breaker.isClosed, before.breaker.isClosed]).toEqual([true, true])
  })
})
