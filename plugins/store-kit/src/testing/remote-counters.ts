/** The suite of counters that chunks are taken of: what they do beside `testCounters`. */
import assert from 'node:assert/strict'
import type { Claim } from '../counters.ts'
import type { RemoteCounters } from '../remote-counters.ts'
import { amountsOf, bucket, slots, window } from './claims.ts'
import { casesOf } from './subject.ts'
import type { Subject } from './subject.ts'

/** Nothing comes back to them within the test. */
const CLAIMS: readonly Claim[] = [bucket(8, { period: 1e12 }), window(8), slots(3)]
/** What is left after 2 and 3 of 8 were used, 4 and 1 are held on, and 2 slots of 3. */
const USED = [2, 3, 0]
const KEPT = [4, 1, 2]
const LEFT = [4, 6, 8]

export function testRemoteCounters(subject: Subject<RemoteCounters>): void {
  const { test } = casesOf(subject)

  test('what stays held of a lease that is settled is settled under its new name', async ({ one, other }) => {
    await one.reserve('1', CLAIMS)
    await one.settle('1', CLAIMS, USED, { lease: '2', amounts: KEPT })
    assert.deepEqual(amountsOf(await other.read(CLAIMS)), LEFT)
    await one.settle('2', CLAIMS, [1, 5, 2])
    assert.deepEqual(amountsOf(await other.read(CLAIMS)), [7, 2, 10])
    await one.settle('2', CLAIMS, [9, 9, 9])
    assert.deepEqual(amountsOf(await other.read(CLAIMS)), [7, 2, 10])
  })

  test('a part can be left again and again, also more than was held', async ({ one, other }) => {
    await one.reserve('1', CLAIMS)
    await one.settle('1', CLAIMS, USED, { lease: '2', amounts: KEPT })
    await one.settle('2', CLAIMS, [3, 0, 0], { lease: '3', amounts: [3, 1, 1] })
    assert.deepEqual(amountsOf(await other.read(CLAIMS)), [2, 6, 9])
    await one.settle('3', CLAIMS, [0, 0, 0])
    assert.deepEqual(amountsOf(await other.read(CLAIMS)), [5, 7, 10])
  })

  test('a lease that is over leaves nothing, and what is left is taken once', async ({ one, other }) => {
    await one.reserve('1', CLAIMS)
    const rest = { lease: '2', amounts: KEPT }
    await one.settle('1', CLAIMS, USED, rest)
    await one.settle('1', CLAIMS, USED, rest)
    await one.settle('unknown', CLAIMS, USED, { lease: '3', amounts: KEPT })
    assert.deepEqual(amountsOf(await other.read(CLAIMS)), LEFT)
    await assert.rejects(async () => one.reserve('2', CLAIMS), TypeError)
    assert.equal((await one.reserve('3', [window(0)])).granted, true)
  })

  test('to a key that was reset, nothing is given back of what was left before', async ({ one, other }) => {
    await one.reserve('1', CLAIMS)
    await one.settle('1', CLAIMS, USED, { lease: '2', amounts: KEPT })
    for (const { key } of CLAIMS) await other.reset(key)
    await one.reserve('3', [window(5), bucket(5, { period: 1e12 })])
    await one.settle('2', CLAIMS, [0, 0, 0])
    assert.deepEqual(amountsOf(await other.read(CLAIMS)), [5, 5, 10])
  })

  test('leases that end at once are counted, each as it is', async ({ one, other }) => {
    const claim = (i: number): Claim => window(1 + (i % 3), { key: `k${i % 7}`, limit: 1000 })
    const all = Array.from({ length: 250 }, (_, i) => i)
    await Promise.all(all.map(async (i) => one.reserve(`${i}`, [claim(i)])))
    await Promise.all(all.map(async (i) => one.settle(`${i}`, [claim(i)], [i % 5])))
    const used = all.reduce((sum, i) => sum + (i % 7 === 2 ? i % 5 : 0), 0)
    assert.deepEqual(amountsOf(await other.read([claim(2)])), [1000 - used])
  })
}
