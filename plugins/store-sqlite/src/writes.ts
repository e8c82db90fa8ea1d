/** What the writer is asked for, and how it answers. */
import type { MeterState } from '@sluice/store-kit'
import type { NewRecord } from './tables/records.ts'
import type { RowText } from './tables/rows.ts'

/** Every write by name: what it takes, and what it gives. `undefined` of a record: its revision is another. */
export interface Writes {
  put(record: NewRecord): number | undefined
  delete(collection: string, id: string, revision: number | undefined): boolean | undefined
  append(journal: string, rows: readonly RowText[]): string[]
  appendLines(journal: string, lines: Uint8Array): void
  /** Some of the rows before a moment; whoever asks, asks again until there are none. */
  prune(journal: string, before: number): number
  cacheSet(key: string, value: Uint8Array, expires: number): void
  cacheDelete(key: string): void
  saveCounters(states: readonly MeterState[]): void
  /** Some of what has outlived its time; whoever asks, asks again until there is none. @returns how many */
  sweep(): number
}

export type WriteName = keyof Writes
export type Write = { [N in WriteName]: { name: N; args: Parameters<Writes[N]> } }[WriteName]

/** What may change while the gateway runs; sizes are bytes. */
export type WriterSettings = { cacheSize: number; fileSize: number; synchronous: 'normal' | 'full' }
/** Writes that happen together or not at all. `now`: milliseconds since the epoch. */
export type Batch = { now: number; settings: WriterSettings; writes: readonly Write[] }
