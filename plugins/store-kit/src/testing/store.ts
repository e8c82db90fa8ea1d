/** The suite that every `Store` passes. */
import assert from 'node:assert/strict'
import type { Store } from '../index.ts'

/** `test` of vitest or node:test. */
type TestFunction = (name: string, run: () => Promise<void>) => unknown

export interface StoreSubject {
  test: TestFunction
  /** An empty store whose clock `now` tells, in milliseconds. */
  create: (now: () => number) => Store | Promise<Store>
}

export function testStore({ test, create }: StoreSubject): void {
  let time = 0
  const fresh = (): Store | Promise<Store> => create(() => time)

  test('a record is what was put, until it is replaced or deleted', async () => {
    const store = await fresh()
    assert.equal(await store.get('a', '1'), undefined)
    await store.put('a', '1', { text: 'ünï\u0000', deep: [{ x: null }] })
    assert.deepEqual(await store.get('a', '1'), { text: 'ünï\u0000', deep: [{ x: null }] })
    await store.put('a', '1', { second: true })
    assert.deepEqual(await store.get('a', '1'), { second: true })
    assert.equal(await store.delete('a', '1'), true)
    assert.equal(await store.delete('a', '1'), false)
    assert.equal(await store.get('a', '1'), undefined)
  })

  test('collections do not see each other, whatever they and their ids are called', async () => {
    const store = await fresh()
    await store.put('a', 'b/c', { n: 1 })
    await store.put('a/b', 'c', { n: 2 })
    await store.put('__proto__', 'constructor', { n: 3 })
    assert.deepEqual(await store.get('a', 'b/c'), { n: 1 })
    assert.deepEqual(await store.get('a/b', 'c'), { n: 2 })
    assert.deepEqual(await store.list('__proto__'), [{ id: 'constructor', value: { n: 3 } }])
  })

  test('changing a value changes nothing that is stored', async () => {
    const store = await fresh()
    const value = { list: [1] }
    await store.put('a', '1', value)
    value.list.push(2)
    const got = await store.get('a', '1')
    assert.deepEqual(got, { list: [1] })
    got.list.push(3)
    assert.deepEqual(await store.get('a', '1'), { list: [1] })
  })

  test('a record is gone when its time is up, and replacing it starts anew', async () => {
    const store = await fresh()
    await store.put('a', '1', {}, { ttl: 1000 })
    await store.put('a', '2', {}, { ttl: 1000 })
    time += 999
    await store.put('a', '2', {})
    assert.deepEqual(await store.get('a', '1'), {})
    time += 1
    assert.equal(await store.get('a', '1'), undefined)
    assert.equal(await store.delete('a', '1'), false)
    assert.deepEqual(await store.list('a'), [{ id: '2', value: {} }])
  })

  test('a list is in the order of ids and comes in pages', async () => {
    const store = await fresh()
    for (const id of ['c', 'a', 'B', 'd']) await store.put('a', id, { id })
    const ids = async (options: { after?: string; limit?: number }) =>
      (await store.list('a', options)).map(({ id }) => id)
    assert.deepEqual(await ids({}), ['B', 'a', 'c', 'd'])
    assert.deepEqual(await ids({ limit: 2 }), ['B', 'a'])
    assert.deepEqual(await ids({ after: 'a', limit: 2 }), ['c', 'd'])
    assert.deepEqual(await ids({ after: 'b' }), ['c', 'd'])
    assert.deepEqual(await ids({ after: 'd' }), [])
  })
}
