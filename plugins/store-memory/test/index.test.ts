import { testPlugin } from '@sluice/core/testing'
import { BucketTable, Watchers } from '@sluice/store-kit'
import { testCache, testCounters, testJournal, testRemoteCounters, testStore } from '@sluice/store-kit/testing'
import { describe, test } from 'vitest'
import { cacheOf, countersOf, journalOf, storeOf } from '../src/handles.ts'
import { memoryStore } from '../src/index.ts'
import { MemoryCache } from '../src/memory-cache.ts'
import { MemoryJournal } from '../src/memory-journal.ts'
import { MemoryStore } from '../src/memory-store.ts'

testPlugin({ test, plugin: memoryStore() })

describe('as a store', () => {
  testStore({
    test,
    create: (now) => {
      const watchers = [new Watchers(() => undefined), new Watchers(() => undefined)] as const
      const records = new MemoryStore(
        ({ collection, id }) => watchers.forEach((each) => each.tell(collection, id)),
        now,
      )
      return { handles: [storeOf(records, watchers[0]), storeOf(records, watchers[1])] }
    },
  })
})
describe('as counters', () => {
  const create = (now: () => number) => {
    const table = new BucketTable(now)
    return { handles: [countersOf(table, 'one'), countersOf(table, 'other')] as const }
  }
  testCounters({ test, create })
  testRemoteCounters({ test, create })
})
describe('as a cache', () => {
  testCache({
    test,
    create: (now) => {
      const cache = new MemoryCache(now)
      return { handles: [cacheOf(cache), cacheOf(cache)] }
    },
  })
})
describe('as a journal', () => {
  testJournal({
    test,
    create: () => {
      const journals = new MemoryJournal()
      return { handles: [journalOf(journals), journalOf(journals)] }
    },
  })
})
