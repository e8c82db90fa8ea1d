/** The one connection that writes. It runs in a thread of its own. */
import { statSync } from 'node:fs'
import type { MeterState } from '@sluice/store-kit'
import Database from 'better-sqlite3'
import { migrate } from './migrate.ts'
import { reasonOf, Refusal } from './refusal.ts'
import { CacheWriter } from './tables/cache.ts'
import { CounterWriter } from './tables/counters.ts'
import { RecordWriter } from './tables/records.ts'
import { RowWriter } from './tables/rows.ts'
import type { Batch, WriterSettings, Writes } from './writes.ts'

/** Milliseconds to wait for another program that has the file locked; for a checkpoint, readers are not waited for. */
const BUSY = { writing: 5_000, checkpoint: 50 }
/** Bytes to which the write-ahead log is cut. */
const LOG_SIZE = 64 * 1024 ** 2
/** Records, rows or entries that are deleted at a time. */
const PORTION = 1_000

export class Writer {
  readonly #file: string
  readonly #inode: number
  readonly #db: Database.Database
  readonly #cache: CacheWriter
  readonly #counters: CounterWriter
  readonly #writes: Writes
  readonly #run: Database.Transaction<(batch: Batch) => unknown[]>
  #settings: WriterSettings | undefined
  #now = 0

  /** @throws Refusal if the file cannot be used */
  constructor(file: string) {
    this.#file = file
    this.#db = connect(file)
    this.#inode = inodeOf(file)
    const records = new RecordWriter(this.#db)
    const rows = new RowWriter(this.#db)
    const counters = new CounterWriter(this.#db)
    const cache = new CacheWriter(this.#db)
    this.#cache = cache
    this.#counters = counters
    this.#writes = {
      put: (record) => records.put(record, this.#now),
      delete: (collection, id, revision) => records.delete(collection, id, revision, this.#now),
      append: (journal, added) => rows.append(journal, added),
      appendLines: (journal, lines) => rows.appendLines(journal, lines),
      prune: (journal, before) => rows.prune(journal, before, PORTION),
      cacheSet: (key, value, expires) => cache.set(key, value, expires, this.#settings!.cacheSize),
      cacheDelete: (key) => cache.delete(key),
      saveCounters: (states) => counters.save(states),
      sweep: () => {
        counters.sweep(this.#now)
        return records.sweep(this.#now, PORTION) + cache.sweep(this.#now, PORTION)
      },
    }
    this.#run = this.#db.transaction(({ writes }: Batch) =>
      writes.map(({ name, args }) => (this.#writes[name] as (...args: unknown[]) => unknown)(...args)),
    )
  }

  /** Counters as they were saved. @param now milliseconds since the epoch */
  loadCounters(now: number): MeterState[] {
    return this.#counters.load(now)
  }

  /** @returns what each write gave, in their order @throws if nothing of the batch was written */
  write(batch: Batch): unknown[] {
    if (inodeOf(this.#file) !== this.#inode) throw new Error(`${this.#file} was deleted or replaced while in use`)
    this.#now = batch.now
    this.#apply(batch.settings)
    try {
      return this.#run.immediate(batch)
    } catch (error) {
      this.#cache.forget()
      if (!isFull(error)) throw error
      return this.#writeWithoutCache(batch)
    }
  }

  /** What can be had again gives way to what cannot. */
  #writeWithoutCache(batch: Batch): unknown[] {
    this.#cache.clear()
    const writes = batch.writes.map((write) =>
      write.name === 'cacheSet' ? { name: 'cacheDelete' as const, args: [write.args[0]] as [string] } : write,
    )
    return this.#run.immediate({ ...batch, writes })
  }

  #apply(settings: WriterSettings): void {
    const { fileSize, synchronous } = settings
    if (fileSize !== this.#settings?.fileSize) {
      const pageSize = this.#db.pragma('page_size', { simple: true }) as number
      this.#db.pragma(`max_page_count = ${Math.min(0xfffffffe, Math.ceil(fileSize / pageSize))}`)
    }
    if (synchronous !== this.#settings?.synchronous) this.#db.pragma(`synchronous = ${synchronous}`)
    this.#settings = settings
  }

  /** Moves what is in the write-ahead log into the file, as far as readers let it. */
  checkpoint(): void {
    this.#db.pragma(`busy_timeout = ${BUSY.checkpoint}`)
    try {
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
    } finally {
      this.#db.pragma(`busy_timeout = ${BUSY.writing}`)
    }
  }

  close(): void {
    this.#db.close()
  }
}

function connect(file: string): Database.Database {
  let db
  try {
    db = new Database(file, { fileMustExist: true, timeout: BUSY.writing })
    // Only then: a file that is refused stays as it is.
    migrate(db)
    const mode = db.pragma('journal_mode = WAL', { simple: true })
    if (mode !== 'wal') throw new Error('no write-ahead log can be had there, as on most network drives')
    db.pragma(`journal_size_limit = ${LOG_SIZE}`)
    db.pragma('cell_size_check = ON')
    return db
  } catch (cause) {
    db?.close()
    throw new Refusal(`${file} cannot be used: ${reasonOf(cause)}`)
  }
}

/** A deleted file could be written to for ever: on disk nothing would be found of it. */
function inodeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? 0
}

function isFull(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_FULL'
}
