import { describe, expect, test } from 'vitest'
import { Hasher } from '../src/hasher.ts'
import { issue } from '../src/issue.ts'
import { KeySync } from '../src/key-sync.ts'
import { KeyTable } from '../src/key-table.ts'
import { newKeyId, newKeyText } from '../src/key-text.ts'
import type { KeyInput } from '../src/record.ts'
import { Verifier } from '../src/verifier.ts'
import { createLogger } from './support/log.ts'
import { PEPPER } from './support/stage.ts'
import { TestStore } from './support/test-store.ts'

class CountingHasher extends Hasher {
  count = 0

  override hash(text: string): Buffer {
    this.count++
    return super.hash(text)
  }
}

/** A verifier and what it needs, with a key, and others of which nobody knows the texts. */
async function setUp(others = 0, fields: Partial<KeyInput> = {}) {
  const store = new TestStore()
  const hasher = new CountingHasher(Buffer.from(PEPPER))
  const table = new KeyTable()
  const id = newKeyId()
  const { record, text } = issue(id, { name: 'key', ...fields }, 'test', hasher)
  await store.put('keys', id, { ...record })
  for (let index = 0; index < others; index++)
    await store.put('keys', `key_${String(index).padStart(12, '0')}`, { ...record })
  const sync = new KeySync({ store, table, log: createLogger(), interval: 1e6 })
  const verifier = new Verifier(table, sync, hasher, undefined)
  /** What a verification comes to, and what it costs. */
  const work = async (text: string, now = Date.now()) => {
    hasher.count = 0
    store.calls.length = 0
    const known = verifier.verify(text, now)
    const outcome = await Promise.resolve(known).then(
      (key) => (key ? 'good' : 'none'),
      (error: { code: string }) => error.code,
    )
    return { outcome, hashes: hasher.count, reads: store.calls.length, waits: known instanceof Promise }
  }
  return { id, text, store, table, sync, verifier, work }
}

const near = (text: string): string => newKeyText(`key_${text.slice(10, 22)}`)

describe('a good key', () => {
  test('is hashed once, and then found without any work', async () => {
    const { sync, text, work } = await setUp()
    await sync.start()
    expect(await work(text)).toEqual({ outcome: 'good', hashes: 1, reads: 0, waits: false })
    expect(await work(text)).toEqual({ outcome: 'good', hashes: 0, reads: 0, waits: false })
    sync.stop()
  })

  test('that is not in memory yet is asked for once', async () => {
    const { text, work } = await setUp()
    expect(await work(text)).toEqual({ outcome: 'good', hashes: 1, reads: 1, waits: true })
    expect(await work(text)).toEqual({ outcome: 'good', hashes: 0, reads: 0, waits: false })
  })
})

describe('a bad key', () => {
  test.each<[string, Partial<KeyInput>, (text: string) => string]>([
    ['with the id of another', {}, near],
    ['of nobody', {}, () => newKeyText(newKeyId())],
    ['that has expired', { expiresAt: '2020-01-01T00:00:00Z' }, (text) => text],
    ['that is disabled', { disabled: true }, (text) => text],
    ['that has expired, with a wrong text', { expiresAt: '2020-01-01T00:00:00Z' }, near],
  ])('%s costs the same work as any other', async (_, fields, badly) => {
    const { sync, text, work } = await setUp(0, fields)
    await sync.start()
    const bad = badly(text)
    expect(await work(bad)).toEqual({ outcome: 'invalid_api_key', hashes: 1, reads: 1, waits: true })
    expect(await work(bad)).toEqual({ outcome: 'invalid_api_key', hashes: 1, reads: 0, waits: true })
    sync.stop()
  })

  test('makes the store be asked once, however often it is tried at once', async () => {
    const { text, store, verifier } = await setUp()
    const tries = Array.from({ length: 50 }, () => Promise.resolve(verifier.verify(near(text), Date.now())))
    const ends = await Promise.allSettled(tries)
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
    expect(store.taken('find')).toHaveLength(1)
  })

  test('is told that there is no time for it if there are too many, and a known key is not', async () => {
    const { sync, store, text, verifier, work } = await setUp()
    await sync.start()
    const tries = Array.from({ length: 200 }, () =>
      Promise.resolve(verifier.verify(newKeyText(newKeyId()), Date.now())).catch(
        (error: { code: string }) => error.code,
      ),
    )
    expect(await work(text)).toMatchObject({ outcome: 'good', waits: false })
    const codes = await Promise.all(tries)
    expect(new Set(codes)).toEqual(new Set(['invalid_api_key', 'overloaded']))
    expect(store.taken('find').length).toBeLessThanOrEqual(64)
    sync.stop()
  })
})

describe('with 100,000 keys', () => {
  test('all are read in pages, and one is found with the work that it takes among few', async () => {
    const { sync, store, table, text, work } = await setUp(99_999)
    store.calls.length = 0
    await sync.start()
    expect([table.size, store.taken('list').length]).toEqual([100_000, 101])
    expect(await work(text)).toEqual({ outcome: 'good', hashes: 1, reads: 0, waits: false })
    expect(await work(text)).toEqual({ outcome: 'good', hashes: 0, reads: 0, waits: false })
    expect(await work(near(text))).toEqual({ outcome: 'invalid_api_key', hashes: 1, reads: 1, waits: true })
    sync.stop()
  })
})

test('what changes while all keys are read is not read over', async () => {
  const { id, sync, store, table, text, work } = await setUp(1499)
  const list = store.list.bind(store)
  store.list = async (...given) => {
    const page = await list(...given)
    if (page.some((record) => record.id === id)) await store.delete('keys', id)
    return page
  }
  await sync.start()
  expect([table.size, table.get(id)]).toEqual([1499, undefined])
  expect(await work(text)).toMatchObject({ outcome: 'invalid_api_key' })
  sync.stop()
})

test('an answer that a change overtakes is asked for again', async () => {
  const { id, sync, store, text, verifier, work } = await setUp()
  await sync.start()
  sync.changed(id)
  const find = store.find.bind(store)
  let asked = 0
  store.find = async (...given) => {
    const record = await find(...given)
    if (++asked === 1) await store.delete('keys', id)
    return record
  }
  await expect(verifier.verify(text, Date.now())).rejects.toMatchObject({ code: 'invalid_api_key' })
  expect(asked).toBe(2)
  expect(await work(text)).toMatchObject({ outcome: 'invalid_api_key' })
  sync.stop()
})
