/** The suite of what processes have that grant from chunks, with the counters that they are taken of. */
import assert from 'node:assert/strict'
import type { Claim, Counters } from '../counters.ts'
import { bucket, remaining, window } from './claims.ts'
import type { Setting, TestFunction } from './subject.ts'

const LIMIT = 100_000
const KINDS: readonly (readonly [kind: string, claim: (amount: number) => Claim])[] = [
  ['bucket', (amount) => bucket(amount, { key: 'rush', limit: LIMIT, period: 1e12 })],
  ['window', (amount) => window(amount, { key: 'rush', limit: LIMIT })],
]
/** What is left when the limit is near. */
const LAST = 400
/** Milliseconds after which a process gives back what it does not use. */
const GIVEN_BACK = 1_100

export interface ChunkSubject {
  test: TestFunction
  /** Processes that hold nothing yet. */
  create: () => Promise<Setting<Counters>>
}

export function testChunks({ test, create }: ChunkSubject): void {
  for (const [kind, claim] of KINDS) {
    test(`${kind}: those who take chunks are granted the limit, whole and no more`, async () => {
      const { handles, close } = await create()
      let leases = 0
      let local = 0
      let granted = 0
      const use = async (counters: Counters, amount: number): Promise<boolean> => {
        const lease = `lease ${leases++}`
        const given = counters.reserve(lease, [claim(amount)])
        if (!(given instanceof Promise)) local++
        const { granted: isGranted, retryAfter } = await given
        if (!isGranted) return (assert.ok(retryAfter > 0), false)
        granted += amount
        await counters.settle(lease, [claim(amount)], [amount])
        return true
      }
      const rush = (times: number) =>
        Promise.all(
          [...handles, ...handles].map(async (counters) => {
            for (let i = 0; i < times && (await use(counters, 1)); i++);
          }),
        )
      await rush(1000)
      assert.ok(local > 2000, `${local} are granted from chunks`)
      const left = await remaining(handles[0], claim(0))
      assert.ok(Math.abs(left - (LIMIT - granted)) < LIMIT * 0.04, `${left} are left after ${granted}`)

      // Others may have used some of it, and have more in their chunks.
      for (let amount = left - LAST; !(await use(handles[0], amount)); amount -= LAST);
      await rush(Infinity)
      assert.ok(granted <= LIMIT)
      await new Promise((resolve) => setTimeout(resolve, GIVEN_BACK))
      assert.equal(await remaining(handles[0], claim(0)), LIMIT - granted)
      while (await use(handles[0], 1));
      assert.equal(granted, LIMIT)
      await close?.()
    })
  }
}
