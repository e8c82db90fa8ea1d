import { capability } from '@sluice/core'

/**
 * A limit that is asked for `amount` units, integers below 2^53.
 *
 * - `bucket`: a token bucket that holds `limit` and gets `limit` per `period` (milliseconds), evenly, so that no
 *   window has an edge.
 * - `window`: counts up to `limit` until the moment `until` (milliseconds since the epoch, Infinity for ever);
 *   then the key is forgotten. The name of the window (`…:2026-11`) belongs into the key.
 * - `slots`: as many at once as `limit`; what was reserved is given back by settling, whatever the amounts say.
 */
export type Claim =
  | { kind: 'bucket'; key: string; amount: number; limit: number; period: number }
  | { kind: 'window'; key: string; amount: number; limit: number; until: number }
  | { kind: 'slots'; key: string; amount: number; limit: number }

/** `remaining`: units left (0 if overdrawn). `reset`: milliseconds until it is whole again; Infinity if never. */
export type Level = { remaining: number; reset: number }

/**
 * Whether all claims were granted. If not: which one (index) was short, and after how many milliseconds asking
 * again may succeed (Infinity if never). `levels` are those after the call, in the order of the claims.
 */
export type Reservation = { granted: boolean; levels: Level[]; short: number; retryAfter: number }

type Now<T> = T | Promise<T>

/**
 * Amounts that are used up, exact under concurrency: between all workers and, where it says so, replicas. What is
 * in this process answers at once, anything else with a promise. Methods reject (never hang) within the
 * implementation's deadline if its server is out of reach. Levels of what many processes count may be a second old
 * while a limit is far.
 */
export interface Counters {
  /**
   * Takes all claims or none; a refusal takes nothing. A claim above its limit is never granted. What a process
   * holds that dies is given back within a minute; what it holds while it lives stays held.
   * @param lease unique, names what was taken until it is settled
   * @param claims stay as they are until then
   */
  reserve(lease: string, claims: readonly Claim[]): Now<Reservation>
  /**
   * Ends a lease, once: the second time nothing happens. `amounts` are what the claims came to in truth, in their
   * order: what is less is given back, what is more is taken, even below zero, so that later claims wait for it.
   * To a key that was reset, or that has been whole since, nothing is given back.
   */
  settle(lease: string, claims: readonly Claim[], amounts: readonly number[]): Now<void>
  /** Levels as they are; `amount` is not looked at, nothing is taken. */
  read(claims: readonly Claim[]): Now<Level[]>
  /** Forgets what was used of a key. */
  reset(key: string): Now<void>
}

/** Named by plugins in `requires` or `uses`. */
export const Counters = capability<Counters>('Counters', {
  plugins: ['store-sqlite', 'store-memory', 'store-redis', 'store-postgres'],
})
