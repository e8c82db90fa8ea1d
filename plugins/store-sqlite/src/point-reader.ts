import type { Row, StoredRecord } from '@sluice/store-kit'
import Database from 'better-sqlite3'
import { unavailable } from './faults.ts'
import { CacheReader } from './tables/cache.ts'
import { RecordReader } from './tables/records.ts'
import { RowReader } from './tables/rows.ts'

/** Milliseconds to wait for another program that has the file locked: the event loop waits with it. */
const BUSY = 20

/**
 * Reads of one thing by its key, on a connection of this process's own. They see all that has been committed.
 * All throw GatewayError `overloaded` if the file cannot be read.
 */
export class PointReader {
  readonly #db: Database.Database
  readonly #records: RecordReader
  readonly #rows: RowReader
  readonly #cache: CacheReader
  readonly #now: () => number

  /** @param now milliseconds since the epoch */
  constructor(file: string, now: () => number = Date.now) {
    this.#db = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY })
    this.#records = new RecordReader(this.#db)
    this.#rows = new RowReader(this.#db)
    this.#cache = new CacheReader(this.#db)
    this.#now = now
  }

  record(collection: string, id: string): StoredRecord | undefined {
    return guarded(() => this.#records.find(collection, id, this.#now()))
  }

  row(journal: string, id: string): Row | undefined {
    return guarded(() => this.#rows.find(journal, id))
  }

  cached(key: string): Buffer | undefined {
    return guarded(() => this.#cache.get(key, this.#now()))
  }

  close(): void {
    this.#db.close()
  }
}

function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw unavailable(error)
  }
}
