import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Claim, Counters } from '../counters.ts'
import { bucket, remaining, slots, window } from './claims.ts'
import { casesOf } from './subject.ts'
import type { Scene, Subject } from './subject.ts'

const LIMIT = 20
/** Nothing comes back to them within the test. */
const KINDS = [
  (key: string, amount: number): Claim => bucket(amount, { key, limit: LIMIT, period: 1e12 }),
  (key: string, amount: number): Claim => window(amount, { key, limit: LIMIT }),
  (key: string, amount: number): Claim => slots(amount, { key, limit: LIMIT }),
]

/** What holds however calls meet. */
export function testCountersConcurrently(subject: Subject<Counters>): void {
  const { test } = casesOf(subject)

  for (const [kind, claim] of [
    ['bucket', bucket(1, { limit: 100, period: 1e12 })],
    ['window', window(1, { limit: 100 })],
    ['slots', slots(1, { limit: 100 })],
  ] as const) {
    test(`${kind}: of 200 claims at once on a limit of 100, 100 are granted`, async ({ handles }) => {
      const at = (i: number): Counters => handles[i % handles.length]!
      const ask = (name: string) =>
        Promise.all(Array.from({ length: 200 }, async (_, i) => (await at(i).reserve(`${name}${i}`, [claim])).granted))
      const granted = await ask('a')
      assert.equal(granted.filter(Boolean).length, 100)
      const given = granted.flatMap((is, i) => (is ? [i] : [])).slice(0, 30)
      await Promise.all([...given, ...given].map(async (i) => at(i).settle(`a${i}`, [claim], [0])))
      assert.equal((await ask('b')).filter(Boolean).length, 30)
    })
  }

  test('nothing is granted beyond the limits and nothing is lost, however calls interleave', async (scene) => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(BATCH, { minLength: 1, maxLength: 8 }), (batches) => play(scene, `${run++}`, batches)),
      { numRuns: 60 },
    )
  })
}

type Call = { claims: { key: number; amount: number }[] } | { settle: number; amounts: number[] }

const AMOUNT = fc.nat({ max: 12 })
const CALL: fc.Arbitrary<Call> = fc.oneof(
  fc.record({
    claims: fc.array(fc.record({ key: fc.nat({ max: 2 }), amount: AMOUNT }), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ settle: fc.nat(), amounts: fc.array(AMOUNT, { minLength: 3, maxLength: 3 }) }),
)
/** Calls that are made at once. */
const BATCH = fc.array(CALL, { minLength: 1, maxLength: 6 })

type Lease = { name: string; by: Counters; claims: Claim[]; open: boolean }

async function play({ handles }: Scene<Counters>, run: string, batches: readonly Call[][]): Promise<void> {
  const keys = KINDS.map((_, i) => `${run} ${i}`)
  const used = keys.map(() => 0)
  const leases: Lease[] = []
  let names = 0
  for (const batch of batches) {
    const room = used.map((units) => LIMIT - units)
    const taken = used.map(() => 0)
    const settled = new Set<Lease>()
    await Promise.all(
      batch.map(async (call, i) => {
        const by = handles[i % handles.length]!
        if ('settle' in call) {
          const lease = leases[call.settle % leases.length]
          if (!lease) return
          const { name, claims, open } = lease
          const ended = claims.map((claim, n) => (claim.kind === 'slots' ? 0 : call.amounts[n]!))
          if (open && !settled.has(lease)) {
            claims.forEach((claim, n) => {
              const more = ended[n]! - claim.amount
              used[keys.indexOf(claim.key)]! += more
              room[keys.indexOf(claim.key)]! += Math.max(0, -more)
            })
          }
          // Again by a second call in the batch, and in later ones: nothing may come of it.
          const isFirst = !settled.has(lease)
          settled.add(lease)
          lease.open = false
          await lease.by.settle(name, claims, isFirst ? ended : claims.map(() => 0))
          return
        }
        const claims = call.claims.map(({ key, amount }) => KINDS[key]!(keys[key]!, amount))
        const name = `${run} ${names++}`
        const { granted } = await by.reserve(name, claims)
        if (batch.length === 1) assert.equal(granted, fits(claims, keys, used), 'granted exactly if there is room')
        if (!granted) return
        leases.push({ name, by, claims, open: true })
        for (const { key, amount } of claims) taken[keys.indexOf(key)]! += amount
      }),
    )
    for (const [i, key] of keys.entries()) {
      assert.ok(taken[i]! <= Math.max(0, room[i]!), `${taken[i]} granted where ${room[i]} were left`)
      used[i]! += taken[i]!
      assert.equal(await remaining(handles[0], KINDS[i]!(key, 0)), Math.max(0, LIMIT - used[i]!))
    }
  }
}

function fits(claims: readonly Claim[], keys: readonly string[], used: readonly number[]): boolean {
  return keys.every((key, i) => {
    const mine = claims.filter((claim) => claim.key === key)
    return mine.length === 0 || used[i]! + mine.reduce((sum, { amount }) => sum + amount, 0) <= LIMIT
  })
}
