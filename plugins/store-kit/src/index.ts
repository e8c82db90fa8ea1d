/** `@sluice/store-kit`: the capability that plugins keep their records in. */
import { capability } from '@sluice/core'
import type { JsonObject } from '@sluice/core'

/** `ttl`: milliseconds after which the record is gone; without it, it stays. */
export type PutOptions = { ttl?: number }
/** `after`: the last id of the page before. `limit`: 100 if absent, 1,000 at most. */
export type ListOptions = { after?: string; limit?: number }
export type StoredRecord = { id: string; value: JsonObject }

/**
 * JSON records, by collection and id. A value that was put or got is the caller's own: changing it changes
 * nothing that is stored. Ids order by their UTF-16 code units. Every method may reject if the store is out of reach.
 */
export interface Store {
  get(collection: string, id: string): Promise<JsonObject | undefined>
  /** Replaces what was there. */
  put(collection: string, id: string, value: JsonObject, options?: PutOptions): Promise<void>
  /** Whether there was such a record. */
  delete(collection: string, id: string): Promise<boolean>
  /** In the order of their ids. */
  list(collection: string, options?: ListOptions): Promise<StoredRecord[]>
}

/** Named by plugins in `requires` or `uses`. */
export const Store = capability<Store>('Store', { plugins: ['store-memory'] })
