/** The capabilities, as a process has them, on top of what all processes share. */
import type { Shared } from '@sluice/core/cluster'
import type { BucketTable, Cache, Journal, RemoteCounters, Store, Watchers } from '@sluice/store-kit'
import type { MemoryCache } from './memory-cache.ts'
import type { MemoryJournal } from './memory-journal.ts'
import type { MemoryStore } from './memory-store.ts'

export function storeOf(records: Shared<MemoryStore>, watchers: Watchers): Store {
  return {
    get: async (collection, id) => (await records.find(collection, id))?.value,
    find: async (collection, id) => records.find(collection, id),
    put: async (collection, id, value, options) => records.put(collection, id, value, options),
    delete: async (collection, id, options) => records.delete(collection, id, options),
    list: async (collection, options) => records.list(collection, options),
    watch: (collection, watcher) => watchers.add(collection, watcher),
  }
}

/** Answers at once where the table is in this process. */
export function countersOf(table: Shared<BucketTable>, peer: string): RemoteCounters {
  return {
    reserve: (lease, claims) => table.reserve(lease, claims, peer),
    settle: (lease, claims, amounts, rest) => table.settle(lease, claims, amounts, rest),
    read: (claims) => table.read(claims),
    reset: (key) => table.reset(key),
  }
}

export function cacheOf(cache: Shared<MemoryCache>): Cache {
  return {
    get: async (key) => {
      const value = await cache.get(key)
      // Bytes from another process need not be a Buffer.
      return value && Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    },
    set: async (key, value, ttl) => cache.set(key, value, ttl),
    delete: async (key) => cache.delete(key),
  }
}

export function journalOf(journals: Shared<MemoryJournal>): Journal {
  return {
    append: async (journal, rows) => journals.append(journal, rows),
    find: async (journal, id) => journals.find(journal, id),
    read: async (journal, filter, page) => journals.read(journal, filter, page),
    sum: async (journal, filter, sums) => journals.sum(journal, filter, sums),
    prune: async (journal, before) => journals.prune(journal, before),
  }
}
