import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Minute } from '../src/minute.ts'

describe('a minute', () => {
  test('counts what came in it, for at least 60 s and at most 65', () => {
    const minute = new Minute()
    minute.add(3, 1000)
    expect(minute.used(60_999)).toBe(3)
    expect(minute.used(66_000)).toBe(0)
  })

  test('is never less than what came in the last 60 s, nor more than what came in the last 65', () => {
    const event = fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 100 }))
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const minute = new Minute()
        const came: [at: number, amount: number][] = []
        let now = 0
        for (const [pause, amount] of events) {
          now += pause
          came.push([now, amount])
          minute.add(amount, now)
          const since = (age: number) => came.reduce((sum, [at, each]) => (now - at < age ? sum + each : sum), 0)
          expect(minute.used(now)).toBeGreaterThanOrEqual(since(60_000))
          expect(minute.used(now)).toBeLessThanOrEqual(since(65_001))
        }
      }),
    )
  })

  test('says after how long there is room, and there is none before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 1, maxLength: 30 }),
        fc.nat(20),
        (pauses, most) => {
          const minute = new Minute()
          let now = 0
          for (const pause of pauses) minute.add(1, (now += pause))
          const wait = minute.wait(most, now)
          expect(wait).toBeLessThanOrEqual(65_000)
          if (wait > 0) expect(minute.used(now + wait - 1)).toBeGreaterThan(most)
          expect(minute.used(now + wait)).toBeLessThanOrEqual(most)
        },
      ),
    )
  })

  test('has room for nothing that is less than nothing', () => {
    const minute = new Minute()
    minute.add(1, 0)
    expect(minute.wait(-1, 0)).toBe(Infinity)
  })

  test('takes back what was counted too much', () => {
    const minute = new Minute()
    minute.add(500, 1000)
    minute.add(-300, 7000)
    expect(minute.used(7000)).toBe(200)
    expect(minute.used(80_000)).toBe(0)
  })

  test('makes no room by what it takes back after that has expired', () => {
    const minute = new Minute()
    minute.add(4000, 0)
    minute.add(-3500, 50_000)
    expect(minute.used(50_000)).toBe(500)
    minute.add(100, 66_000)
    expect(minute.used(66_000)).toBe(100)
    minute.add(-1000, 67_000)
    expect(minute.used(67_000)).toBe(0)
  })

  test.each([3_600_000, -3_600_000, 60_000, -1])('is sane after a leap of the clock by %i ms', (leap) => {
    const minute = new Minute()
    minute.add(5, 100_000)
    expect([0, 5]).toContain(minute.used(100_000 + leap))
    minute.add(2, 100_000 + leap)
    expect(minute.used(100_000 + leap + 66_000)).toBe(0)
  })
})
