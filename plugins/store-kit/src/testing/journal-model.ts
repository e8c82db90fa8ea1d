import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Journal, Row, Scalar, Sum } from '../journal.ts'
import { casesOf } from './subject.ts'
import type { Subject } from './subject.ts'

const FIELDS = ['a', 'b', 'list'] as const
const SCALAR: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom('x', 'y', '', '1'),
  fc.integer({ min: -3, max: 3 }),
  fc.boolean(),
  fc.constant(null),
)
const DATA = fc.record(
  { a: SCALAR, b: SCALAR, list: fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }) },
  { requiredKeys: [], noNullPrototype: true },
)
const ROWS = fc.array(fc.tuple(fc.nat({ max: 9 }), DATA), { maxLength: 20 })
const QUERY = fc.record(
  {
    from: fc.nat({ max: 9 }),
    to: fc.nat({ max: 10 }),
    where: fc.dictionary(fc.constantFrom(...FIELDS), fc.oneof(SCALAR, fc.array(SCALAR, { maxLength: 3 })), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
  },
  { requiredKeys: [], noNullPrototype: true },
)
type Query = typeof QUERY extends fc.Arbitrary<infer T> ? T : never

/** Reads and sums of any rows are those of a list that is gone through one by one. */
export function testJournalModel(subject: Subject<Journal>): void {
  const { test } = casesOf(subject)

  test('whatever is asked of whatever rows, the answer is that of going through them one by one', async ({ one }) => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(ROWS, QUERY, fc.boolean(), async (all, query, newestFirst) => {
        const journal = `run ${run++}`
        const rows = all.map(([time, data], i): Row => ({ id: `${i}`, time, data }))
        await one.append(journal, rows)
        const found = rows.filter((row) => matches(row, query)).toSorted(byPlace)
        assert.deepEqual(await one.read(journal, query, { newestFirst }), newestFirst ? found.toReversed() : found)
        const after = found[found.length >> 1]
        if (after) {
          const rest = await one.read(journal, query, { after, limit: 1000 })
          assert.deepEqual(rest, found.slice((found.length >> 1) + 1))
        }
        const sums = await one.sum(journal, query, { by: ['b'], fields: ['a'] })
        assert.deepEqual(new Map(sums.map((sum) => [sum.group.b, sum])), groups(found))
      }),
      { numRuns: 60 },
    )
  })
}

const byPlace = (a: Row, b: Row): number => a.time - b.time || (a.id < b.id ? -1 : 1)

function matches({ time, data }: Row, { from = -Infinity, to = Infinity, where = {} }: Query): boolean {
  return (
    time >= from &&
    time < to &&
    Object.entries(where).every(([field, wanted]) => {
      const value = data[field] ?? null
      const any: Scalar[] = Array.isArray(wanted) ? wanted : [wanted]
      return Array.isArray(value) ? any.some((each) => value.includes(each)) : any.includes(value as Scalar)
    })
  )
}

function groups(rows: readonly Row[]): Map<Scalar, Sum> {
  const sums = new Map<Scalar, Sum>()
  for (const { data } of rows) {
    const b = (data.b ?? null) as Scalar
    const sum = sums.get(b) ?? { group: { b }, count: 0, sums: { a: 0 } }
    sum.count++
    if (typeof data.a === 'number') sum.sums.a! += data.a
    sums.set(b, sum)
  }
  return sums
}
