/** The suites fail what is wrong in one way. */
import type { Cache, Journal, Store } from '@sluice/store-kit'
import { Watchers } from '@sluice/store-kit'
import { testCache, testJournal, testStore } from '@sluice/store-kit/testing'
import type { Subject } from '@sluice/store-kit/testing'
import { expect, test } from 'vitest'
import { cacheOf, journalOf, storeOf } from '../src/handles.ts'
import { MemoryCache } from '../src/memory-cache.ts'
import { MemoryJournal } from '../src/memory-journal.ts'
import { MemoryStore } from '../src/memory-store.ts'

async function failures<T>(suite: (subject: Subject<T>) => void, create: (now: () => number) => T): Promise<string[]> {
  const cases: [name: string, run: () => Promise<void>][] = []
  suite({ test: (name, run) => cases.push([name, run]), create })
  const results = await Promise.allSettled(cases.map(([, run]) => run()))
  return cases.filter((_, i) => results[i]?.status === 'rejected').map(([name]) => name)
}

test.concurrent.each<[how: string, broken: (store: Store, watchers: Watchers) => Partial<Store>]>([
  ['forgets', () => ({ put: async () => 1 })],
  ['deletes nothing', () => ({ delete: async () => false })],
  ['mixes collections', (store) => ({ find: (_, id) => store.find('x', id), get: (_, id) => store.get('x', id) })],
  [
    'keeps for ever',
    (store) => ({
      put: (c, id, value, { revision } = {}) =>
        store.put(c, id, value, { ...(revision !== undefined && { revision }) }),
    }),
  ],
  ['knows no pages', (store) => ({ list: (collection) => store.list(collection) })],
  [
    'orders as people do',
    (store) => ({ list: async (...args) => (await store.list(...args)).sort((a, b) => a.id.localeCompare(b.id)) }),
  ],
  [
    'looks at no revision',
    (store) => ({
      put: (c, id, value, { ttl } = {}) => store.put(c, id, value, { ...(ttl !== undefined && { ttl }) }),
    }),
  ],
  ['deletes whatever the revision', (store) => ({ delete: (collection, id) => store.delete(collection, id) })],
  [
    'looks before it writes',
    (store) => ({
      put: async (c, id, value, { revision } = {}) => {
        const current = (await store.find(c, id))?.revision ?? 0
        if (revision !== undefined && revision !== current) return store.put(c, id, value, { revision })
        await Promise.resolve()
        return store.put(c, id, value)
      },
    }),
  ],
  ['tells watchers of nothing', () => ({ watch: () => () => undefined })],
  ['tells watchers of everything', (_, watchers) => ({ watch: (_c, watcher) => watchers.add('x', watcher) })],
  [
    'goes on telling',
    (store) => ({
      watch: (...args) => {
        store.watch(...args)
        return () => undefined
      },
    }),
  ],
])('a store that %s', async (_how, broken) => {
  const create = (now: () => number): Store => {
    const watchers = new Watchers(() => undefined)
    const store = storeOf(new MemoryStore(({ collection, id }) => watchers.tell(collection, id), now), watchers)
    return { ...store, ...broken(store, watchers) }
  }
  expect(await failures(testStore, create)).not.toEqual([])
})

test.concurrent.each<[how: string, broken: (cache: Cache) => Partial<Cache>]>([
  ['forgets', () => ({ set: async () => undefined })],
  ['deletes nothing', () => ({ delete: async () => undefined })],
  ['keeps for ever', (cache) => ({ set: (key, value) => cache.set(key, value, Infinity) })],
  ['keeps text', (cache) => ({ set: (key, value, ttl) => cache.set(key, Buffer.from(value.toString()), ttl) })],
  [
    'cuts keys short',
    (cache) => ({
      get: (key) => cache.get(key.slice(0, 3)),
      set: (key, value, ttl) => cache.set(key.slice(0, 3), value, ttl),
    }),
  ],
])('a cache that %s', async (_how, broken) => {
  const create = (now: () => number): Cache => {
    const cache = cacheOf(new MemoryCache(now))
    return { ...cache, ...broken(cache) }
  }
  expect(await failures(testCache, create)).not.toEqual([])
})

test.concurrent.each<[how: string, broken: (journal: Journal) => Partial<Journal>]>([
  ['forgets', () => ({ append: async (_, rows) => rows.map(({ id }) => id) })],
  ['mixes journals', (journal) => ({ read: (_, ...rest) => journal.read('j', ...rest) })],
  [
    'says that all was new',
    (journal) => ({
      append: async (name, rows) => {
        await journal.append(name, rows)
        return rows.map(({ id }) => id)
      },
    }),
  ],
  ['filters nothing', (journal) => ({ read: (name, _, page) => journal.read(name, {}, page) })],
  [
    'reads one way',
    (journal) => ({ read: (name, filter, { newestFirst: _, ...page } = {}) => journal.read(name, filter, page) }),
  ],
  [
    'begins at the first page',
    (journal) => ({ read: (name, filter, { after: _, ...page } = {}) => journal.read(name, filter, page) }),
  ],
  [
    'rounds sums',
    (journal) => ({
      sum: async (...args) =>
        (await journal.sum(...args)).map((sum) => ({
          ...sum,
          sums: Object.fromEntries(Object.entries(sum.sums).map(([field, value]) => [field, Math.fround(value)])),
        })),
    }),
  ],
  [
    'knows no spans of time',
    (journal) => ({ sum: (name, filter, { bucket: _, ...sums }) => journal.sum(name, filter, sums) }),
  ],
  ['prunes too much', (journal) => ({ prune: (name, before) => journal.prune(name, before + 1) })],
])('a journal that %s', async (_how, broken) => {
  const create = (): Journal => {
    const journal = journalOf(new MemoryJournal())
    return { ...journal, ...broken(journal) }
  }
  expect(await failures(testJournal, create)).not.toEqual([])
})
