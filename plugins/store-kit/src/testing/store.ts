/** The suite that every `Store` passes. */
import assert from 'node:assert/strict'
import type { Store } from '../store.ts'
import { casesOf } from './subject.ts'
import type { Subject } from './subject.ts'
import { testRevisions } from './store-revisions.ts'
import { testWatch } from './store-watch.ts'
import { HOSTILE } from './strings.ts'

export function testStore(subject: Subject<Store>): void {
  const { test, timed } = casesOf(subject)

  test('a record is what was put, until it is replaced or deleted', async ({ one, other }) => {
    assert.equal(await one.get('a', '1'), undefined)
    await one.put('a', '1', { text: 'ünï\u0000', deep: [{ x: null }] })
    assert.deepEqual(await one.get('a', '1'), { text: 'ünï\u0000', deep: [{ x: null }] })
    assert.deepEqual(await other.get('a', '1'), { text: 'ünï\u0000', deep: [{ x: null }] })
    await other.put('a', '1', { second: true })
    assert.deepEqual(await one.get('a', '1'), { second: true })
    assert.equal(await other.delete('a', '1'), true)
    assert.equal(await one.delete('a', '1'), false)
    assert.equal(await one.get('a', '1'), undefined)
    assert.equal(await one.find('a', '1'), undefined)
  })

  test('any JSON comes back as it was', async ({ one }) => {
    const value = {
      numbers: [0, -1.5, 1e21, 5e-324, Number.MAX_SAFE_INTEGER],
      strings: [...HOSTILE],
      ['__proto__']: { polluted: true },
      '': { '': [[[]], {}, false, null] },
      long: 'ä'.repeat(100_000),
    }
    await one.put('a', '1', value)
    assert.deepEqual(await one.get('a', '1'), value)
  })

  test('collections do not see each other, whatever they and their ids are called', async ({ one, other }) => {
    const pairs = HOSTILE.flatMap((name, i) => [
      { collection: name, id: 'x', n: i },
      { collection: 'x', id: name, n: 1000 + i },
      { collection: name, id: HOSTILE.at(i - 1)!, n: 2000 + i },
    ])
    for (const { collection, id, n } of pairs) await one.put(collection, id, { n })
    for (const { collection, id, n } of pairs) assert.deepEqual(await other.get(collection, id), { n })
    const listed = await one.list('x')
    assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set(HOSTILE))
    for (const { collection, id } of pairs) assert.equal(await one.delete(collection, id), true, collection)
    assert.deepEqual(await one.list('x'), [])
  })

  test('changing a value changes nothing that is stored', async ({ one }) => {
    const value = { list: [1] }
    await one.put('a', '1', value)
    value.list.push(2)
    for (const read of [() => one.get('a', '1'), async () => (await one.find('a', '1'))?.value]) {
      const got = await read()
      assert.deepEqual(got, { list: [1] })
      got.list.push(3)
    }
    const [listed] = await one.list('a')
    assert.deepEqual(listed?.value, { list: [1] })
  })

  test('a record is gone when its time is up, and replacing it starts anew', async ({ one, pass }) => {
    await one.put('a', '1', {}, { ttl: 30 })
    await one.put('a', '2', {}, { ttl: 30 })
    await one.put('a', '2', {})
    await one.put('a', '3', {}, { ttl: 60_000 })
    await pass(40)
    assert.equal(await one.get('a', '1'), undefined)
    assert.equal(await one.find('a', '1'), undefined)
    assert.equal(await one.delete('a', '1'), false)
    assert.deepEqual(
      (await one.list('a')).map(({ id }) => id),
      ['2', '3'],
    )
    assert.equal((await one.put('a', '1', { again: true }, { revision: 0 })) >= 1, true)
  })

  timed('a record is there to the last millisecond', async ({ one, pass }) => {
    await one.put('a', '1', {}, { ttl: 1000 })
    await pass(999)
    assert.deepEqual(await one.get('a', '1'), {})
    await pass(1)
    assert.equal(await one.get('a', '1'), undefined)
  })

  test('a list is in the order of ids and comes in pages', async ({ one }) => {
    for (const id of ['c', 'a', 'B', '\uffff', '😀', 'd']) await one.put('a', id, { id })
    const ids = async (options: { after?: string; limit?: number }) =>
      (await one.list('a', options)).map(({ id }) => id)
    assert.deepEqual(await ids({}), ['B', 'a', 'c', 'd', '😀', '\uffff'])
    assert.deepEqual(await ids({ limit: 2 }), ['B', 'a'])
    assert.deepEqual(await ids({ after: 'a', limit: 2 }), ['c', 'd'])
    assert.deepEqual(await ids({ after: 'b' }), ['c', 'd', '😀', '\uffff'])
    assert.deepEqual(await ids({ after: '\uffff' }), [])
  })

  test('a page holds 100 records unless told, and never more than 1,000', async ({ one }) => {
    const ids = Array.from({ length: 1001 }, (_, i) => `id-${String(i).padStart(4, '0')}`)
    await Promise.all(ids.map((id) => one.put('a', id, {})))
    assert.equal((await one.list('a')).length, 100)
    assert.equal((await one.list('a', { limit: 5000 })).length, 1000)
    assert.deepEqual(
      (await one.list('a', { after: 'id-0998', limit: 5000 })).map(({ id }) => id),
      ['id-0999', 'id-1000'],
    )
  })

  testRevisions(subject)
  testWatch(subject)
}
