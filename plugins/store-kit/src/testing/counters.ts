/** The suite that every `Counters` passes. */
import assert from 'node:assert/strict'
import type { Claim, Counters } from '../counters.ts'
import { amountsOf, bucket, remaining, slots, window } from './claims.ts'
import { testCountersConcurrently } from './counters-concurrent.ts'
import { testCountersInTime } from './counters-time.ts'
import { HOSTILE } from './strings.ts'
import { casesOf } from './subject.ts'
import type { Subject } from './subject.ts'

/** Of every kind, on keys that nothing comes back to within the test. */
const KINDS: readonly (readonly [kind: string, claim: (amount: number, limit?: number) => Claim])[] = [
  ['bucket', (amount, limit = 10) => bucket(amount, { limit, period: 1e12 })],
  ['window', (amount, limit = 10) => window(amount, { limit })],
  ['slots', (amount, limit = 10) => slots(amount, { limit })],
]

export function testCounters(subject: Subject<Counters>): void {
  const { test } = casesOf(subject)

  for (const [kind, claim] of KINDS) {
    test(`${kind}: what is claimed is taken, up to the limit; a refusal takes nothing`, async ({ one, other }) => {
      const first = await one.reserve('1', [claim(7)])
      assert.deepEqual([first.granted, first.levels[0]?.remaining], [true, 3])
      const refused = await other.reserve('2', [claim(4)])
      assert.deepEqual([refused.granted, refused.short, refused.levels[0]?.remaining], [false, 0, 3])
      assert.ok(refused.retryAfter > 0)
      const rest = await other.reserve('3', [claim(3)])
      assert.deepEqual([rest.granted, rest.levels[0]?.remaining, rest.retryAfter], [true, 0, 0])
      assert.equal((await one.reserve('4', [claim(1)])).granted, false)
    })

    test(`${kind}: a claim above its limit is never granted`, async ({ one }) => {
      const { granted, retryAfter, levels } = await one.reserve('1', [claim(11)])
      assert.deepEqual([granted, retryAfter, levels[0]?.remaining], [false, Infinity, 10])
      assert.equal((await one.reserve('2', [claim(1, 0)])).retryAfter, Infinity)
      assert.equal((await one.reserve('3', [claim(10)])).granted, true)
    })

    test(`${kind}: reading takes nothing, whatever amount it names`, async ({ one }) => {
      assert.deepEqual(await one.read([claim(99)]), [{ remaining: 10, reset: 0 }])
      await one.reserve('1', [claim(4)])
      for (let i = 0; i < 3; i++) assert.equal(await remaining(one, claim(5)), 6)
      const [level] = await one.read([claim(0)])
      assert.ok(level!.reset > 0)
    })

    test(`${kind}: a key that is reset has nothing used`, async ({ one, other }) => {
      await one.reserve('1', [claim(10)])
      await other.reset(claim(0).key)
      assert.equal(await remaining(one, claim(0)), 10)
    })

    test(`${kind}: what was taken before a reset is not given back after it`, async ({ one }) => {
      await one.reserve('1', [claim(10)])
      await one.reset(claim(0).key)
      assert.equal((await one.reserve('2', [claim(8)])).granted, true)
      await one.settle('1', [claim(10)], [0])
      assert.equal(await remaining(one, claim(0)), 2)
    })

    test(`${kind}: another limit holds from the next claim on`, async ({ one }) => {
      await one.reserve('1', [claim(6)])
      assert.equal((await one.reserve('2', [claim(1, 5)])).granted, false)
      assert.equal((await one.reserve('3', [claim(14, 20)])).granted, true)
      assert.equal(await remaining(one, claim(0, 30)), 10)
    })
  }

  for (const [kind, claim] of KINDS.slice(0, 2)) {
    test(`${kind}: what was not needed is given back, once`, async ({ one }) => {
      await one.reserve('1', [claim(8)])
      await one.reserve('2', [claim(2)])
      await one.settle('1', [claim(8)], [3])
      assert.equal(await remaining(one, claim(0)), 5)
      await one.settle('1', [claim(8)], [0])
      await one.settle('unknown', [claim(8)], [0])
      assert.equal(await remaining(one, claim(0)), 5)
      await one.settle('2', [claim(2)], [2])
      assert.equal(await remaining(one, claim(0)), 5)
    })

    test(`${kind}: what was needed more is taken, even what is not there`, async ({ one }) => {
      await one.reserve('1', [claim(5)])
      await one.settle('1', [claim(5)], [12])
      assert.equal(await remaining(one, claim(0)), 0)
      await one.reserve('2', [claim(1)])
      assert.equal(await remaining(one, claim(0, 20)), 8)
      const { granted, retryAfter } = await one.reserve('3', [claim(1)])
      assert.equal(granted, false)
      assert.ok(retryAfter > 0)
    })
  }

  test('slots come back when they are settled, whatever the amounts say', async ({ one }) => {
    const claim = slots(1, { limit: 2 })
    await one.reserve('1', [claim])
    await one.reserve('2', [claim])
    assert.equal((await one.reserve('3', [claim])).granted, false)
    await one.settle('1', [claim], [1])
    await one.settle('1', [claim], [1])
    assert.equal(await remaining(one, claim), 1)
    assert.equal((await one.reserve('3', [claim])).granted, true)
    await one.settle('2', [claim], [5])
    await one.settle('3', [claim], [0])
    assert.deepEqual(await one.read([claim]), [{ remaining: 2, reset: 0 }])
  })

  test('several claims are granted together or not at all', async ({ one }) => {
    const claims = (amounts: readonly number[]): Claim[] =>
      KINDS.map(([kind, claim], i) => ({ ...claim(amounts[i]!), key: `all ${kind}` }))
    const first = await one.reserve('1', claims([5, 6, 7]))
    assert.deepEqual([first.granted, first.levels.map((level) => level.remaining)], [true, [5, 4, 3]])
    for (const [amounts, short] of [
      [[6, 1, 1], 0],
      [[1, 5, 1], 1],
      [[1, 1, 4], 2],
    ] as const) {
      const refused = await one.reserve('2', claims(amounts))
      assert.deepEqual([refused.granted, refused.short], [false, short])
      assert.deepEqual(
        refused.levels.map((level) => level.remaining),
        [5, 4, 3],
      )
    }
    await one.settle('1', claims([5, 6, 7]), [1, 2, 3])
    assert.deepEqual(amountsOf(await one.read(claims([0, 0, 0]))), [9, 8, 10])
    assert.equal((await one.reserve('2', claims([9, 8, 10]))).granted, true)
  })

  test('a key that is claimed twice at once has to hold both', async ({ one }) => {
    const claim = (amount: number): Claim => window(amount, { limit: 10 })
    assert.equal((await one.reserve('1', [claim(6), claim(6)])).granted, false)
    assert.equal(await remaining(one, claim(0)), 10)
    const both = await one.reserve('2', [claim(6), claim(4)])
    assert.deepEqual([both.granted, await remaining(one, claim(0))], [true, 0])
    await one.settle('2', [claim(6), claim(4)], [1, 2])
    assert.equal(await remaining(one, claim(0)), 7)
  })

  test('no claims at all are granted', async ({ one }) => {
    assert.deepEqual(await one.reserve('1', []), { granted: true, levels: [], short: -1, retryAfter: 0 })
    await one.settle('1', [], [])
  })

  test('keys and leases do not meet, whatever they are called', async ({ one }) => {
    const claim = (key: string): Claim => window(1, { key, limit: 1 })
    for (const name of HOSTILE) assert.equal((await one.reserve(name, [claim(name)])).granted, true, name)
    for (const name of HOSTILE) assert.equal((await one.reserve(`2${name}`, [claim(name)])).granted, false, name)
    for (const name of HOSTILE) {
      await one.settle(name, [claim(name)], [0])
      assert.equal((await one.reserve(`3${name}`, [claim(name)])).granted, true, name)
    }
  })

  test('one key may be a bucket, a window and slots, each for itself', async ({ one }) => {
    const claims = KINDS.map(([, claim]) => ({ ...claim(10), key: 'same' }))
    assert.deepEqual(amountsOf((await one.reserve('1', claims)).levels), [0, 0, 0])
    await one.reset('same')
    assert.deepEqual(amountsOf(await one.read(claims)), [10, 10, 10])
  })

  test('amounts as large as money is are exact', async ({ one }) => {
    const limit = Number.MAX_SAFE_INTEGER
    const claim = (amount: number): Claim => window(amount, { limit })
    await one.reserve('1', [claim(limit - 1)])
    assert.equal(await remaining(one, claim(0)), 1)
    assert.equal((await one.reserve('2', [claim(2)])).granted, false)
    assert.equal((await one.reserve('3', [claim(1)])).granted, true)
    await one.settle('1', [claim(limit - 1)], [limit - 4])
    assert.equal(await remaining(one, claim(0)), 3)
  })

  testCountersConcurrently(subject)
  testCountersInTime(subject)
}
