/** The suite that every `Journal` passes. */
import assert from 'node:assert/strict'
import type { Filter, Journal, Row } from '../journal.ts'
import { testJournalModel } from './journal-model.ts'
import { testJournalSums } from './journal-sums.ts'
import { HOSTILE } from './strings.ts'
import { casesOf } from './subject.ts'
import type { Subject } from './subject.ts'

export const row = (id: string, time: number, data: Row['data'] = {}): Row => ({ id, time, data })
const idsOf = (rows: readonly Row[]): string[] => rows.map(({ id }) => id)

export function testJournal(subject: Subject<Journal>): void {
  const { test } = casesOf(subject)

  test('a row is kept as it was, and found by its id', async ({ one, other }) => {
    const data = { text: 'ünï\u0000😀', n: -1.5, big: Number.MAX_SAFE_INTEGER, yes: true, none: null, list: ['a', 'b'] }
    assert.deepEqual(await one.append('j', [row('1', 1000, data)]), ['1'])
    assert.deepEqual(await other.find('j', '1'), row('1', 1000, data))
    assert.deepEqual(await other.read('j'), [row('1', 1000, data)])
    assert.equal(await one.find('j', '2'), undefined)
    assert.equal(await one.find('other', '1'), undefined)
    assert.deepEqual(await one.read('other'), [])
  })

  test('a row whose id is there already is left as it is', async ({ one, other }) => {
    assert.deepEqual(await one.append('j', [row('1', 1, { n: 1 }), row('2', 2)]), ['1', '2'])
    assert.deepEqual(await other.append('j', [row('1', 5, { n: 5 }), row('3', 3)]), ['3'])
    assert.deepEqual(await one.append('j', [row('4', 4, { n: 4 }), row('4', 4, { n: 5 })]), ['4'])
    assert.deepEqual(await one.append('k', [row('1', 7)]), ['1'])
    assert.deepEqual(await one.append('j', []), [])
    assert.deepEqual(await one.read('j'), [row('1', 1, { n: 1 }), row('2', 2), row('3', 3), row('4', 4, { n: 4 })])
  })

  test('of many that append the same row at once, one does', async ({ handles, one }) => {
    const rows = Array.from({ length: 20 }, (_, i) => row(`id-${i}`, i))
    const added = await Promise.all(
      Array.from({ length: 20 }, (_, i) => handles[i % handles.length]!.append('j', i % 2 ? rows : rows.toReversed())),
    )
    assert.deepEqual(added.flat().toSorted(), idsOf(rows).toSorted())
    assert.equal((await one.read('j')).length, 20)
  })

  test('changing a row changes nothing that is kept', async ({ one }) => {
    const data = { list: ['a'], n: 1 }
    await one.append('j', [row('1', 1, data)])
    data.n = 2
    data.list.push('b')
    const got = await one.find('j', '1')
    assert.deepEqual(got, row('1', 1, { list: ['a'], n: 1 }))
    got.data.n = 3
    ;(got.data.list as string[]).push('c')
    assert.deepEqual(await one.read('j'), [row('1', 1, { list: ['a'], n: 1 })])
  })

  test('rows are read in the order of time, then id, whatever order they came in', async ({ one }) => {
    await one.append('j', [row('c', 2), row('b', 2)])
    await one.append('j', [row('z', 1), row('😀', 2), row('\uffff', 2), row('B', 2), row('a', 3)])
    const order = ['z', 'B', 'b', 'c', '😀', '\uffff', 'a']
    assert.deepEqual(idsOf(await one.read('j')), order)
    assert.deepEqual(idsOf(await one.read('j', {}, { newestFirst: true })), order.toReversed())
  })

  test('pages lead through all rows, either way, also while rows are added', async ({ one }) => {
    const rows = Array.from({ length: 25 }, (_, i) =>
      row(`id-${String(i).padStart(2, '0')}`, i >> 2, { even: i % 2 === 0 }),
    )
    await one.append('j', rows)
    for (const newestFirst of [false, true]) {
      for (const where of [undefined, { even: true }]) {
        const seen: string[] = []
        for (let after: Row | undefined; seen.length <= rows.length;) {
          const page = await one.read('j', where ? { where } : {}, { limit: 3, newestFirst, ...(after && { after }) })
          assert.ok(page.length <= 3)
          seen.push(...idsOf(page))
          after = page.at(-1)
          if (!after) break
          // Where the walk has been already.
          if (seen.length === 6)
            await one.append('j', [row(`late ${newestFirst}${where?.even}`, newestFirst ? 99 : -1)])
        }
        const wanted = idsOf(rows.filter(({ data }) => !where || data.even))
        assert.deepEqual(
          seen.filter((id) => !id.startsWith('late')),
          newestFirst ? wanted.toReversed() : wanted,
        )
        assert.ok(seen.filter((id) => id.startsWith('late')).length <= 2)
      }
    }
  })

  test('a page holds 100 rows unless told, and never more than 1,000', async ({ one }) => {
    await one.append(
      'j',
      Array.from({ length: 1001 }, (_, i) => row(`id-${i}`, i)),
    )
    assert.equal((await one.read('j')).length, 100)
    assert.deepEqual(idsOf(await one.read('j', {}, { limit: 2 })), ['id-0', 'id-1'])
    assert.equal((await one.read('j', {}, { limit: 5000 })).length, 1000)
  })

  test('a filter takes a span of time, and what its fields name', async ({ one }) => {
    await one.append('j', [
      row('1', 1, { kind: 'a', n: 1, tags: ['x', 'y'], flag: true }),
      row('2', 2, { kind: 'b', n: 2, tags: ['y'], flag: false }),
      row('3', 3, { kind: 'c', n: null, tags: [] }),
      row('4', 4, { kind: '1', n: 0.5, tags: 'x' }),
    ])
    for (const [filter, ids] of [
      [{ from: 2 }, ['2', '3', '4']],
      [{ to: 3 }, ['1', '2']],
      [{ from: 2, to: 3 }, ['2']],
      [{ from: 3, to: 3 }, []],
      [{ where: { kind: 'a' } }, ['1']],
      [{ where: { kind: ['a', 'c', 'z'] } }, ['1', '3']],
      [{ where: { kind: [] } }, []],
      [{ where: { kind: 'A' } }, []],
      [{ where: { n: 1 } }, ['1']],
      [{ where: { n: 0.5 } }, ['4']],
      [{ where: { kind: 1 } }, []],
      [{ where: { n: '1' } }, []],
      [{ where: { flag: true } }, ['1']],
      [{ where: { flag: false } }, ['2']],
      [{ where: { flag: 1 } }, []],
      [{ where: { n: true } }, []],
      [{ where: { n: null } }, ['3']],
      [{ where: { flag: null } }, ['3', '4']],
      [{ where: { missing: null } }, ['1', '2', '3', '4']],
      [{ where: { flag: [null, true] } }, ['1', '3', '4']],
      [{ where: { tags: 'x' } }, ['1', '4']],
      [{ where: { tags: ['y', 'z'] } }, ['1', '2']],
      [{ where: { tags: '["y"]' } }, []],
      [{ where: { tags: 'y', kind: 'b' } }, ['2']],
      [{ where: { tags: 'y', kind: 'c' } }, []],
      [{ from: 2, where: { tags: 'x' } }, ['4']],
    ] satisfies [Filter, string[]][]) {
      assert.deepEqual(idsOf(await one.read('j', filter)), ids, JSON.stringify(filter))
      assert.equal((await one.sum('j', filter, { fields: [] }))[0]?.count ?? 0, ids.length, JSON.stringify(filter))
    }
  })

  test('journals, ids, fields and values may be called anything', async ({ one, other }) => {
    const data = Object.fromEntries(HOSTILE.map((name, i) => [name, HOSTILE.at(i - 1)!]))
    for (const name of HOSTILE)
      await one.append(
        name,
        HOSTILE.map((id, i) => row(id, i, { ...data, id, list: [id, 'x'] })),
      )
    for (const [i, name] of HOSTILE.entries()) {
      assert.deepEqual(await other.find(name, name), row(name, i, { ...data, id: name, list: [name, 'x'] }))
      assert.deepEqual(idsOf(await one.read('nul\u0000', { where: { id: name } })), [name])
      assert.deepEqual(idsOf(await one.read("it's", { where: { list: name } })), [name])
      const where = { [name]: HOSTILE.at(i - 1)! }
      assert.equal((await one.read(name, { where })).length, HOSTILE.length, name)
      assert.equal((await one.read(name, { where: { [name]: 'else' } })).length, 0, name)
      const [sum] = await one.sum(name, {}, { by: [name], fields: [name] })
      assert.deepEqual(sum, { group: where, count: HOSTILE.length, sums: { [name]: 0 } })
    }
    const groups = await one.sum('😀', {}, { by: ['id'], fields: [] })
    assert.deepEqual(new Set(groups.map(({ group }) => group.id)), new Set(HOSTILE))
  })

  test('rows come as lines too, among others that are none, if the journal takes lines', async ({ one, other }) => {
    if (!one.appendLines) return
    const data = Object.fromEntries(HOSTILE.map((name, i) => [name, HOSTILE.at(i - 1)!]))
    const plain = { text: 'a "quoted" {brace}, 100 %', n: 1.5, none: null, list: ['a', 'b'] }
    const rows = [
      row('plain', 1, { n: 1 }),
      row('less plain', 2.5, plain),
      ...HOSTILE.map((id, i) => row(id, i + 3, data)),
    ]
    const lines = rows.map((each) => `?no row\n${JSON.stringify(each)}\n`).join('')
    await one.appendLines('j', Buffer.from(lines))
    await one.appendLines('j', Buffer.from(`${JSON.stringify(row('plain', 9, { n: 9 }))}\n`))
    assert.deepEqual(await other.read('j'), rows)
    for (const [i, name] of HOSTILE.entries())
      assert.equal((await one.read('j', { where: { [name]: HOSTILE.at(i - 1)! } })).length, HOSTILE.length, name)
  })

  test('what is before a moment can be forgotten', async ({ one, other }) => {
    for (const journal of ['j', 'k']) await one.append(journal, [row('1', 1), row('2', 2), row('3', 3)])
    assert.equal(await other.prune('j', 3), 2)
    assert.equal(await one.prune('j', 3), 0)
    assert.equal(await one.prune('unknown', 3), 0)
    assert.deepEqual(idsOf(await one.read('j')), ['3'])
    assert.equal(await one.find('j', '1'), undefined)
    assert.deepEqual(idsOf(await one.read('k')), ['1', '2', '3'])
    assert.deepEqual(await one.append('j', [row('1', 9)]), ['1'])
    assert.deepEqual(idsOf(await one.read('j')), ['3', '1'])
  })

  testJournalSums(subject)
  testJournalModel(subject)
}
