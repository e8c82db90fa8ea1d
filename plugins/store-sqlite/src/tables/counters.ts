import type { MeterState } from '@sluice/store-kit'
import type { Database, Statement } from 'better-sqlite3'
import { keyOf, textOf } from '../key.ts'

type StoredMeter = Omit<MeterState, 'key'> & { key: Buffer }

const SAVE = `
  INSERT INTO counters (kind, key, used, credit, period, at, until)
  VALUES (:kind, :key, :used, :credit, :period, :at, :until)
  ON CONFLICT DO UPDATE SET
    used = excluded.used, credit = excluded.credit, period = excluded.period, at = excluded.at, until = excluded.until`

export class CounterWriter {
  readonly #save: Statement<[StoredMeter]>
  readonly #delete: Statement<[string, Buffer]>
  readonly #load: Statement<[number], StoredMeter>
  readonly #sweep: Statement<[number]>

  constructor(db: Database) {
    this.#save = db.prepare<[StoredMeter]>(SAVE)
    this.#delete = db.prepare('DELETE FROM counters WHERE kind = ? AND key = ?')
    this.#load = db.prepare('SELECT * FROM counters WHERE until > ?')
    this.#sweep = db.prepare('DELETE FROM counters WHERE until <= ?')
  }

  save(states: readonly MeterState[]): void {
    for (const state of states) {
      const key = keyOf(state.key)
      if (state.used > 0) this.#save.run({ ...state, key })
      else this.#delete.run(state.kind, key)
    }
  }

  /** Those of which something is used. */
  load(now: number): MeterState[] {
    return this.#load.all(now).map((meter) => ({ ...meter, key: textOf(meter.key) }))
  }

  /** Deletes those of which nothing is used any more. */
  sweep(now: number): void {
    this.#sweep.run(now)
  }
}
