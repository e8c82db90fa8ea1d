import { describe, expect, test } from 'vitest'
import { MemoryCache } from '../src/memory-cache.ts'
import { MemoryJournal } from '../src/memory-journal.ts'
import { MemoryStore } from '../src/memory-store.ts'
import type { StoreBounds, StoreChange } from '../src/memory-store.ts'

describe('records', () => {
  const bounded = (bounds: StoreBounds, onChange: (change: StoreChange) => void = () => undefined): MemoryStore => {
    const store = new MemoryStore(onChange)
    store.bound(bounds)
    return store
  }
  const idsOf = (store: MemoryStore): string[] => store.list('x').map(({ id }) => id)

  test('when there are too many, those that were put longest ago go', () => {
    const store = bounded({ records: 2, bytes: 1e6 })
    for (const id of ['a', 'b', 'c']) store.put('x', id, {})
    store.put('x', 'b', { again: true })
    store.put('x', 'd', {})
    expect(idsOf(store)).toEqual(['b', 'd'])
  })

  test('when they take too much memory, the oldest go, and one larger than all of it goes at once', () => {
    const store = bounded({ records: 10, bytes: 1000 })
    store.put('x', 'a', { text: 'a'.repeat(200) })
    store.put('x', 'b', { text: 'b'.repeat(200) })
    expect(idsOf(store)).toEqual(['a', 'b'])
    store.put('x', 'c', { text: 'c'.repeat(200) })
    expect(idsOf(store)).toEqual(['b', 'c'])
    store.put('x', 'd', { text: 'd'.repeat(2000) })
    expect(idsOf(store)).toEqual([])
  })

  test('watchers are told of those that go', () => {
    const told: string[] = []
    const store = bounded({ records: 1, bytes: 1e6 }, ({ id }) => told.push(id))
    store.put('x', 'a', {})
    store.put('x', 'b', {})
    expect(told).toEqual(['a', 'b', 'a'])
  })

  test('narrower bounds hold at once', () => {
    const store = bounded({ records: 10, bytes: 1e6 })
    for (const id of ['a', 'b', 'c']) store.put('x', id, {})
    store.bound({ records: 1, bytes: 1e6 })
    expect(idsOf(store)).toEqual(['c'])
  })
})

describe('what is cached', () => {
  const bounded = (bytes: number): MemoryCache => {
    const cache = new MemoryCache()
    cache.bound(bytes)
    return cache
  }
  const KILOBYTE = Buffer.alloc(1000)

  test('when it takes too much memory, what was asked for longest ago goes', () => {
    const cache = bounded(2500)
    for (const key of ['a', 'b']) cache.set(key, KILOBYTE, 1000)
    cache.get('a')
    cache.set('c', KILOBYTE, 1000)
    expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true])
    cache.bound(1500)
    expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([false, false, true])
  })

  test('what is larger than all of it is not kept', () => {
    const cache = bounded(900)
    cache.set('a', KILOBYTE, 1000)
    expect(cache.get('a')).toBeUndefined()
  })

  test('keys count, also those of nothing', () => {
    const cache = bounded(100_000)
    for (let i = 0; i < 10_000; i++) cache.set(`${i}`, Buffer.alloc(0), 1000)
    const kept = Array.from({ length: 10_000 }, (_, i) => cache.get(`${i}`)).filter((value) => value !== undefined)
    expect(kept.length).toBeLessThan(1000)
  })
})

describe('a journal', () => {
  const ids = (journals: MemoryJournal, journal: string): string[] =>
    journals.read(journal, {}, { limit: 1000 }).map(({ id }) => id)

  test('when it takes too much memory, its oldest rows go, and no other journal’s', () => {
    const journals = new MemoryJournal()
    journals.bound(100_000)
    journals.append('other', [{ id: 'kept', time: 0, data: {} }])
    for (let i = 0; i < 1000; i++) journals.append('j', [{ id: `${i}`, time: i, data: { text: 'x'.repeat(400) } }])
    const kept = ids(journals, 'j')
    expect(kept.length).toBeGreaterThan(60)
    expect(kept.length).toBeLessThan(100)
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `${1000 - kept.length + i}`))
    expect(ids(journals, 'other')).toEqual(['kept'])
  })

  test('narrower bounds hold at once', () => {
    const journals = new MemoryJournal()
    journals.append(
      'j',
      Array.from({ length: 100 }, (_, i) => ({ id: `${i}`, time: i, data: {} })),
    )
    journals.bound(3000)
    expect(ids(journals, 'j').length).toBeLessThan(20)
    expect(ids(journals, 'j')).toContain('99')
  })
})
