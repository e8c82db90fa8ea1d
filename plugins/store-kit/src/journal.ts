import { capability } from '@sluice/core'

export type Scalar = string | number | boolean | null
/** `time`: milliseconds since the epoch. Fields are flat; integers are exact up to 2^53, and so are their sums. */
export type Row = { id: string; time: number; data: { [field: string]: Scalar | readonly string[] } }
/**
 * `from` ≤ time < `to`. `where`: field → value or one of several; of a field that is a list, one element must match.
 * `null` matches absent fields too.
 */
export type Filter = { from?: number; to?: number; where?: { [field: string]: Scalar | readonly Scalar[] } }
/** Rows in the order of time, then id. `after`: the last row of the page before. `limit`: 100 if absent, 1,000 at most. */
export type Page = { after?: { time: number; id: string }; limit?: number; newestFirst?: boolean }
/** A UTC span of time, by its beginning. */
export type Bucket = 'minute' | 'hour' | 'day' | 'month'
export type Sums = { by?: readonly string[]; bucket?: Bucket; fields: readonly string[] }
/** `group`: values of `by`; `time`: the bucket's beginning; `sums`: of each field, absent and null values left out. */
export type Sum = {
  group: { [field: string]: Scalar }
  time?: number
  count: number
  sums: { [field: string]: number }
}

/**
 * Rows that are written once and never changed, by journal name: a ledger, an audit trail. Every method may
 * reject if the store is out of reach.
 */
export interface Journal {
  /**
   * Durable when it resolves. A row whose id is there already is left as it is.
   * @returns the ids that were new
   */
  append(journal: string, rows: readonly Row[]): Promise<string[]>
  /**
   * The same for those who write much, if the journal has it: rows as lines of JSON in UTF-8, each with `id`, `time`
   * and `data` and nothing else. Lines that begin with `?` are no rows, and left out.
   */
  appendLines?(journal: string, lines: Uint8Array): Promise<void>
  find(journal: string, id: string): Promise<Row | undefined>
  read(journal: string, filter?: Filter, page?: Page): Promise<Row[]>
  /** One line a group, ordered by time bucket, then by the values of `by`. A list field groups by its JSON text. */
  sum(journal: string, filter: Filter, sums: Sums): Promise<Sum[]>
  /** Forgets rows before a moment. @returns how many */
  prune(journal: string, before: number): Promise<number>
}

/** Named by plugins in `requires` or `uses`. */
export const Journal = capability<Journal>('Journal', { plugins: ['store-sqlite', 'store-memory', 'store-postgres'] })
