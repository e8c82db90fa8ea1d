import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Counters } from '../counters.ts'
import { amountsOf, bucket, remaining, window } from './claims.ts'
import { casesOf } from './subject.ts'
import type { Scene, Subject } from './subject.ts'

const DAY = 86_400_000

/** What time gives back, and what it does not. */
export function testCountersInTime(subject: Subject<Counters>): void {
  const { test, timed } = casesOf(subject)

  test('a bucket is filled up again by its period', async ({ one, pass }) => {
    const claim = bucket(1000, { limit: 1000, period: 60 })
    assert.equal((await one.reserve('1', [claim])).granted, true)
    await pass(30)
    assert.ok((await remaining(one, claim)) >= 500)
    await pass(40)
    assert.deepEqual(await one.read([claim]), [{ remaining: 1000, reset: 0 }])
    assert.equal((await one.reserve('2', [claim])).granted, true)
  })

  test('a window is forgotten when it ends', async ({ one, now, pass }) => {
    const claim = window(10, { until: now() + 60 })
    const { granted, levels } = await one.reserve('1', [claim])
    assert.equal(granted, true)
    assert.ok(levels[0]!.reset > 0 && levels[0]!.reset <= 60)
    const refused = await one.reserve('2', [{ ...claim, amount: 1 }])
    assert.ok(!refused.granted && refused.retryAfter > 0 && refused.retryAfter <= 60)
    await pass(70)
    const next = { ...claim, until: now() + DAY }
    assert.deepEqual(await one.read([next]), [{ remaining: 10, reset: 0 }])
    assert.equal((await one.reserve('3', [next])).granted, true)
    await one.settle('1', [claim], [0])
    assert.equal(await remaining(one, next), 0)
  })

  test('what time has given back is not given back again', async ({ one, pass }) => {
    const claim = bucket(10, { limit: 10, period: 250 })
    await one.reserve('1', [claim])
    await pass(260)
    assert.equal((await one.reserve('2', [claim])).granted, true)
    await one.settle('1', [claim], [0])
    assert.equal((await one.reserve('3', [claim])).granted, false)
  })

  timed('a bucket fills evenly: no moment gives more than its share', async ({ one, pass }) => {
    const claim = bucket(60, { limit: 60, period: 60_000 })
    await one.reserve('1', [claim])
    for (let second = 1; second <= 60; second++) {
      await pass(999)
      assert.equal(await remaining(one, claim), second - 1)
      await pass(1)
      assert.equal(await remaining(one, claim), second)
    }
  })

  timed('a window is there to its last millisecond', async ({ one, now, pass }) => {
    const claim = window(10, { until: now() + 1000 })
    assert.deepEqual((await one.reserve('1', [claim])).levels, [{ remaining: 0, reset: 1000 }])
    await pass(999)
    assert.equal((await one.reserve('2', [claim])).retryAfter, 1)
    await pass(1)
    assert.equal((await one.reserve('2', [{ ...claim, until: now() + 1000 }])).granted, true)
  })

  timed('a window that never ends is not forgotten', async ({ one, pass }) => {
    const claim = window(10)
    assert.deepEqual((await one.reserve('1', [claim])).levels, [{ remaining: 0, reset: Infinity }])
    await pass(10_000 * DAY)
    assert.equal((await one.reserve('2', [{ ...claim, amount: 1 }])).retryAfter, Infinity)
  })

  timed('what is overdrawn has to come back before more is granted', async ({ one, pass }) => {
    const claim = bucket(5, { limit: 10, period: 1000 })
    await one.reserve('1', [claim])
    await one.settle('1', [claim], [30])
    const { granted, retryAfter } = await one.reserve('2', [claim])
    assert.deepEqual([granted, retryAfter], [false, 2500])
    await pass(2499)
    assert.equal((await one.reserve('2', [claim])).granted, false)
    await pass(1)
    assert.equal((await one.reserve('2', [claim])).granted, true)
  })

  timed('after `retryAfter` a claim is granted, and not a millisecond before', async ({ one, pass }) => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(TERMS, fc.nat(), async ({ limit, period }, part) => {
        const amount = 1 + (part % limit)
        const key = `k${run++}`
        const claim = (units: number) => bucket(units, { key, limit, period })
        assert.equal((await one.reserve(`${key} 1`, [claim(limit)])).granted, true)
        const { retryAfter } = await one.reserve(`${key} 2`, [claim(amount)])
        assert.equal(retryAfter, Number((BigInt(amount) * BigInt(period) + BigInt(limit) - 1n) / BigInt(limit)))
        await pass(retryAfter - 1)
        assert.equal((await one.reserve(`${key} 3`, [claim(amount)])).granted, false)
        await pass(1)
        assert.equal((await one.reserve(`${key} 4`, [claim(amount)])).granted, true)
      }),
      { numRuns: 100 },
    )
  })

  timed('no part of a unit is lost or made up, however often it is asked', async ({ one, pass }) => {
    let run = 0
    const steps = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 999 }), async (times, limit) => {
        const key = `e${run++}`
        const claim = (units: number) => bucket(units, { key, limit: limit * 100, period: 100_007 })
        await one.reserve(key, [claim(limit * 100)])
        let elapsed = 0
        for (const ms of times) {
          await pass(ms)
          elapsed += ms
          assert.equal(await remaining(one, claim(0)), Math.floor((elapsed * limit * 100) / 100_007))
        }
      }),
      { numRuns: 60 },
    )
  })

  timed('in no span of time more is granted than the limit and what comes back in it', async (scene) => {
    let run = 0
    const pass = fc.record({ pass: fc.integer({ min: 0, max: 1500 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(pass, RESERVE, SETTLE), { maxLength: 40 }), async (steps) => {
        const events = await play(scene, `s${run++}`, steps)
        for (const [i, first] of events.entries()) {
          let net = 0
          for (const { time, units } of events.slice(i)) {
            net += units
            assert.ok(net <= LIMIT + (LIMIT * (time - first.time)) / PERIOD, `${net} within ${time - first.time} ms`)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  timed('a clock that leaps never gives more than the limit at once', async (scene) => {
    let run = 0
    const leap = fc.record({ pass: fc.oneof(fc.integer({ min: -DAY, max: DAY }), fc.constant(-1)) })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(leap, RESERVE, SETTLE), { maxLength: 40 }), async (steps) => {
        let net = 0
        let at: number | undefined
        for (const { time, units } of await play(scene, `l${run++}`, steps)) {
          net = time === at ? net + units : units
          at = time
          assert.ok(net <= LIMIT, `${net} at once`)
        }
      }),
      { numRuns: 100 },
    )
  })

  timed('a clock that was set back gives nothing, and does not stop what comes back', async ({ one, now, pass }) => {
    const claims = [bucket(10, { limit: 10, period: 1000 }), window(10, { until: now() + DAY })]
    await one.reserve('1', claims)
    await pass(-DAY)
    for (const [i, claim] of claims.entries()) {
      assert.equal((await one.reserve(`2 ${i}`, [{ ...claim, amount: 1 }])).granted, false)
    }
    await pass(500)
    assert.deepEqual(amountsOf(await one.read(claims)), [5, 0])
  })
}

/** From a request a day to dollars by the hour in nano-dollars. */
const TERMS = fc.record({
  limit: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1e15 })),
  period: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 30 * DAY })),
})

const LIMIT = 10
const PERIOD = 1000
const RESERVE = fc.record({ reserve: fc.nat({ max: LIMIT }) })
/** `part`: hundredths of what was reserved. */
const SETTLE = fc.record({ settle: fc.nat(), part: fc.nat({ max: 100 }) })
type Step = { pass: number } | { reserve: number } | { settle: number; part: number }

/** What was granted, and (less than nothing) given back, when. */
async function play(
  { one, now, pass }: Scene<Counters>,
  key: string,
  steps: Step[],
): Promise<{ time: number; units: number }[]> {
  const events: { time: number; units: number }[] = []
  const open: { lease: string; amount: number }[] = []
  const claim = (amount: number) => bucket(amount, { key, limit: LIMIT, period: PERIOD })
  for (const [i, step] of steps.entries()) {
    if ('pass' in step) await pass(step.pass)
    else if ('reserve' in step) {
      const lease = `${key} ${i}`
      const { granted, levels } = await one.reserve(lease, [claim(step.reserve)])
      assert.ok(levels[0]!.remaining >= 0 && levels[0]!.remaining <= LIMIT)
      if (!granted) continue
      open.push({ lease, amount: step.reserve })
      events.push({ time: now(), units: step.reserve })
    } else if (open.length > 0) {
      const [{ lease, amount }] = open.splice(step.settle % open.length, 1) as [(typeof open)[0]]
      const units = Math.floor((amount * step.part) / 100)
      await one.settle(lease, [claim(amount)], [units])
      events.push({ time: now(), units: units - amount })
    }
  }
  return events
}
