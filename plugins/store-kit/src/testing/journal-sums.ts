import assert from 'node:assert/strict'
import type { Bucket, Journal, Row } from '../journal.ts'
import { casesOf } from './subject.ts'
import type { Subject } from './subject.ts'

/** Rows of no importance but for what is summed up. */
const rowsOf = (all: readonly (Row['data'] & { at?: number })[]): Row[] =>
  all.map(({ at = 0, ...data }, i) => ({ id: `id-${i}`, time: at, data }))

/** How rows add up. */
export function testJournalSums(subject: Subject<Journal>): void {
  const { test } = casesOf(subject)

  test('all rows are one group; no rows are none', async ({ one, other }) => {
    assert.deepEqual(await one.sum('j', {}, { fields: ['n'] }), [])
    await one.append('j', rowsOf([{ n: 1 }, { n: 2.5 }, { n: null }, { m: 7 }, { n: 'text' }, { n: ['8'] }]))
    assert.deepEqual(await other.sum('j', {}, { fields: ['n', 'm', 'none'] }), [
      { group: {}, count: 6, sums: { n: 3.5, m: 7, none: 0 } },
    ])
    assert.deepEqual(await one.sum('j', { where: { n: 99 } }, { fields: ['n'] }), [])
  })

  test('rows are summed up by the values of fields, in their order', async ({ one }) => {
    await one.append(
      'j',
      rowsOf([
        { team: 'b', model: 'x', n: 1 },
        { team: 'a', model: 'y', n: 2 },
        { team: 'a', model: 'x', n: 4 },
        { team: 'b', model: 'x', n: 8 },
        { team: 'a', model: 'y', n: 16 },
      ]),
    )
    assert.deepEqual(await one.sum('j', {}, { by: ['team', 'model'], fields: ['n'] }), [
      { group: { team: 'a', model: 'x' }, count: 1, sums: { n: 4 } },
      { group: { team: 'a', model: 'y' }, count: 2, sums: { n: 18 } },
      { group: { team: 'b', model: 'x' }, count: 2, sums: { n: 9 } },
    ])
    assert.deepEqual(await one.sum('j', { where: { team: 'b' } }, { by: ['model'], fields: [] }), [
      { group: { model: 'x' }, count: 2, sums: {} },
    ])
  })

  test('a group has its value as it was: absent is null, a list is its JSON text', async ({ one }) => {
    const values = [1, '1', true, 'true', 1.5, null, 'null', '', ['a', 'b'], ['a'], []]
    await one.append('j', rowsOf([...values.map((v) => ({ v })), {}]))
    const groups = await one.sum('j', {}, { by: ['v'], fields: [] })
    const counts = new Map(groups.map(({ group, count }) => [group.v, count]))
    assert.deepEqual(
      counts,
      new Map<unknown, number>([
        [1, 1],
        ['1', 1],
        [true, 1],
        ['true', 1],
        [1.5, 1],
        [null, 2],
        ['null', 1],
        ['', 1],
        ['["a","b"]', 1],
        ['["a"]', 1],
        ['[]', 1],
      ]),
    )
  })

  test('groups of numbers are in the order of numbers', async ({ one }) => {
    await one.append('j', rowsOf([{ n: 10 }, { n: 9 }, { n: -1 }, { n: 100 }]))
    assert.deepEqual(
      (await one.sum('j', {}, { by: ['n'], fields: [] })).map(({ group }) => group.n),
      [-1, 9, 10, 100],
    )
  })

  test('whole numbers add up exactly', async ({ one }) => {
    const most = Number.MAX_SAFE_INTEGER
    await one.append(
      'j',
      rowsOf([
        { n: most - 3, m: -most },
        { n: 1, m: 1 },
        { n: 2, m: most - 1 },
        { n: 0, m: 0 },
      ]),
    )
    const [sum] = await one.sum('j', {}, { fields: ['n', 'm'] })
    assert.deepEqual(sum, { group: {}, count: 4, sums: { n: most, m: 0 } })
    await one.append('k', rowsOf(Array.from({ length: 1000 }, (_, i) => ({ n: 10_000_000_001 * i }))))
    const [many] = await one.sum('k', {}, { fields: ['n'] })
    assert.equal(many?.sums.n, 10_000_000_001 * 499_500)
  })

  test('time is cut into spans of UTC', async ({ one }) => {
    const at = (text: string): number => Date.parse(text)
    const times = [
      '2024-02-28T23:59:59.999Z',
      '2024-02-29T00:00:00.000Z',
      '2024-02-29T23:59:59.999Z',
      '2024-03-01T00:00:00.000Z',
      '2024-03-31T01:30:00.000Z',
      '2024-03-31T01:59:59.999Z',
      '2024-12-31T23:59:59.999Z',
      '2025-01-01T00:00:00.000Z',
      '1969-12-31T23:59:59.999Z',
    ]
    await one.append('j', rowsOf(times.map((text) => ({ at: at(text), n: 1 }))))
    const counts = async (bucket: Bucket) =>
      (await one.sum('j', {}, { bucket, fields: ['n'] })).map(({ time, count, sums, group }) => {
        assert.deepEqual([group, sums], [{}, { n: count }])
        return [new Date(time!).toISOString().slice(0, 16), count]
      })
    assert.deepEqual(await counts('month'), [
      ['1969-12-01T00:00', 1],
      ['2024-02-01T00:00', 3],
      ['2024-03-01T00:00', 3],
      ['2024-12-01T00:00', 1],
      ['2025-01-01T00:00', 1],
    ])
    assert.deepEqual(await counts('day'), [
      ['1969-12-31T00:00', 1],
      ['2024-02-28T00:00', 1],
      ['2024-02-29T00:00', 2],
      ['2024-03-01T00:00', 1],
      ['2024-03-31T00:00', 2],
      ['2024-12-31T00:00', 1],
      ['2025-01-01T00:00', 1],
    ])
    assert.equal((await counts('hour')).find(([hour]) => hour === '2024-03-31T01:00')?.[1], 2)
    assert.equal((await counts('minute')).length, 9)
  })

  test('spans of time come first, then the values of fields', async ({ one }) => {
    await one.append(
      'j',
      rowsOf([
        { at: 60_000, key: 'a', n: 1 },
        { at: 59_999, key: 'b', n: 2 },
        { at: 0, key: 'a', n: 4 },
        { at: 60_001, key: 'a', n: 8 },
      ]),
    )
    assert.deepEqual(await one.sum('j', { from: 0 }, { by: ['key'], bucket: 'minute', fields: ['n'] }), [
      { group: { key: 'a' }, time: 0, count: 1, sums: { n: 4 } },
      { group: { key: 'b' }, time: 0, count: 1, sums: { n: 2 } },
      { group: { key: 'a' }, time: 60_000, count: 2, sums: { n: 9 } },
    ])
  })
}
