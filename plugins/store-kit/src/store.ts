import { capability } from '@sluice/core'
import type { JsonObject } from '@sluice/core'

/**
 * `ttl`: milliseconds after which the record is gone; without it, it stays. `revision`: write only if the stored
 * record has this one, 0 if there must be none.
 */
export type PutOptions = { ttl?: number; revision?: number }
/** `after`: the last id of the page before. `limit`: 100 if absent, 1,000 at most. */
export type ListOptions = { after?: string; limit?: number }
/** `revision` grows with every write of the record; 1 is the first. */
export type StoredRecord = { id: string; value: JsonObject; revision: number }
/** Told the id of a record that was written or deleted; undefined if any may have been, as after a lost connection. */
export type Watcher = (id: string | undefined) => void

/**
 * JSON records, by collection and id. A value that was put or got is the caller's own: changing it changes
 * nothing that is stored. Ids order by their UTF-16 code units. Every method may reject if the store is out of reach.
 */
export interface Store {
  get(collection: string, id: string): Promise<JsonObject | undefined>
  /** The same with its revision. */
  find(collection: string, id: string): Promise<StoredRecord | undefined>
  /** Replaces what was there. @returns the new revision @throws GatewayError `conflict` if `revision` does not hold */
  put(collection: string, id: string, value: JsonObject, options?: PutOptions): Promise<number>
  /** Whether there was such a record. @throws GatewayError `conflict` if `revision` is given and does not hold */
  delete(collection: string, id: string, options?: { revision?: number }): Promise<boolean>
  /** In the order of their ids. */
  list(collection: string, options?: ListOptions): Promise<StoredRecord[]>
  /**
   * Tells of every change in the collection, whoever made it (this process, another worker, another replica),
   * within a second. @returns what ends it
   */
  watch(collection: string, watcher: Watcher): () => void
}

/** Named by plugins in `requires` or `uses`. */
export const Store = capability<Store>('Store', { plugins: ['store-sqlite', 'store-memory', 'store-postgres'] })
