/** The suite of counters on a server: what becomes of what a process holds. */
import assert from 'node:assert/strict'
import type { Claim } from '../counters.ts'
import type { RemoteCounters } from '../remote-counters.ts'
import { amountsOf, bucket, slots, window } from './claims.ts'
import { eventually } from './outcome.ts'
import type { TestFunction } from './subject.ts'

/** Milliseconds that a lease lives if it is not renewed, which it is three times as often. */
const LIFE = 150
const slot = slots(1, { limit: 1 })
const CLAIMS: readonly Claim[] = [slot, bucket(60, { limit: 100, period: 1e12 }), window(60, { limit: 100 })]
const WHOLE = [1, 100, 100]

export interface LeaseSubject {
  test: TestFunction
  /** A process with counters that hold nothing; `other` is another one with the same. `die`: it renews no more. */
  create: (
    life: number,
  ) => Promise<{ one: RemoteCounters; other: RemoteCounters; die: () => void; close: () => unknown }>
}

export function testLeases({ test, create }: LeaseSubject): void {
  const each = (name: string, run: (scene: Awaited<ReturnType<typeof create>>) => Promise<void>): void =>
    void test(name, async () => {
      const scene = await create(LIFE)
      try {
        await run(scene)
      } finally {
        await scene.close()
      }
    })

  each('what a process holds stays held while it lives', async ({ one, other }) => {
    await one.reserve('x', CLAIMS)
    for (const end = performance.now() + 3 * LIFE; performance.now() < end;) {
      assert.equal((await other.reserve(`y ${performance.now()}`, [slot])).granted, false)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await one.settle('x', CLAIMS, [0, 10, 20])
    assert.deepEqual(amountsOf(await other.read(CLAIMS)), [1, 90, 80])
  })

  each('what a process holds that dies is given back, also if nobody asks', async ({ one, other, die }) => {
    await one.reserve('x', CLAIMS)
    die()
    await eventually(async () => assert.deepEqual(amountsOf(await other.read(CLAIMS)), WHOLE))
  })

  each('what a process holds that dies goes to whoever asks next', async ({ one, other, die }) => {
    await one.reserve('x', CLAIMS)
    die()
    let asked = 0
    await eventually(async () => assert.ok((await other.reserve(`y ${asked++}`, CLAIMS)).granted))
  })

  each('of what was left of a lease, what was used stays so when the process dies', async ({ one, other, die }) => {
    await one.reserve('x', CLAIMS)
    await one.settle('x', CLAIMS, [0, 10, 20], { lease: 'y', amounts: [1, 50, 40] })
    assert.deepEqual(amountsOf(await other.read(CLAIMS)), [0, 40, 40])
    await new Promise((resolve) => setTimeout(resolve, 2 * LIFE))
    assert.deepEqual(amountsOf(await other.read(CLAIMS)), [0, 40, 40])
    die()
    await eventually(async () => assert.deepEqual(amountsOf(await other.read(CLAIMS)), [1, 90, 80]))
  })

  each('what many leases held is given back in the end', async ({ one, other, die }) => {
    const many = slots(1, { limit: 250 })
    await Promise.all(Array.from({ length: 250 }, async (_, i) => one.reserve(`x ${i}`, [many])))
    die()
    await eventually(async () => assert.deepEqual(amountsOf(await other.read([many])), [250]))
  })

  each('who was taken for dead and settles after all is counted, once', async ({ one, other, die }) => {
    await one.reserve('x', CLAIMS)
    die()
    let asked = 0
    await eventually(async () => assert.ok((await other.reserve(`y ${asked++}`, [slot])).granted))
    await one.settle('x', CLAIMS, [1, 30, 30])
    await one.settle('x', CLAIMS, [1, 30, 30])
    assert.deepEqual(amountsOf(await other.read(CLAIMS)), [0, 70, 70])
  })

  each('a lease that is held cannot be taken again, by whomever', async ({ one, other }) => {
    await one.reserve('x', CLAIMS)
    for (const counters of [one, other]) {
      await assert.rejects(async () => counters.reserve('x', [bucket(1)]), TypeError)
    }
  })
}
