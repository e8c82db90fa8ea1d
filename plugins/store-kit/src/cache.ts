import { capability } from '@sluice/core'

/** Bytes with a time to live, by key. May lose anything at any time; never returns what is over. */
export interface Cache {
  get(key: string): Promise<Buffer | undefined>
  /** @param ttl milliseconds */
  set(key: string, value: Buffer, ttl: number): Promise<void>
  delete(key: string): Promise<void>
}

/** Named by plugins in `requires` or `uses`. */
export const Cache = capability<Cache>('Cache', { plugins: ['store-sqlite', 'store-memory', 'store-redis'] })
