import type { Database, Statement } from 'better-sqlite3'
import { keyOf } from '../key.ts'

/** Bytes that an entry takes besides its key and value, about. */
const OVERHEAD = 64
/** Entries that leave at once when there is no room. */
const LEAVING = 16

const SET = `
  INSERT INTO cache (key, value, size, expires) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET value = excluded.value, size = excluded.size, expires = excluded.expires`
const MAKE_ROOM = 'DELETE FROM cache WHERE key IN (SELECT key FROM cache ORDER BY expires LIMIT ?) RETURNING size'
const SWEEP = 'DELETE FROM cache WHERE key IN (SELECT key FROM cache WHERE expires <= ? LIMIT ?) RETURNING size'

/** Keeps the entries within a number of bytes: those that end soonest leave first. */
export class CacheWriter {
  readonly #total: Statement<[], number>
  readonly #size: Statement<[Buffer], number>
  readonly #set: Statement<[Buffer, Uint8Array, number, number]>
  readonly #delete: Statement<[Buffer], number>
  readonly #makeRoom: Statement<[number], number>
  readonly #sweep: Statement<[number, number], number>
  readonly #clear: Statement<[]>
  /** Bytes of all entries; undefined if not known. */
  #bytes: number | undefined

  constructor(db: Database) {
    this.#total = db.prepare<[], number>('SELECT ifnull(sum(size), 0) FROM cache').pluck()
    this.#size = db.prepare<[Buffer], number>('SELECT size FROM cache WHERE key = ?').pluck()
    this.#set = db.prepare(SET)
    this.#delete = db.prepare<[Buffer], number>('DELETE FROM cache WHERE key = ? RETURNING size').pluck()
    this.#makeRoom = db.prepare<[number], number>(MAKE_ROOM).pluck()
    this.#sweep = db.prepare<[number, number], number>(SWEEP).pluck()
    this.#clear = db.prepare('DELETE FROM cache')
  }

  /** @param limit bytes of all entries */
  set(name: string, value: Uint8Array, expires: number, limit: number): void {
    const key = keyOf(name)
    const size = key.length + value.length + OVERHEAD
    if (size > limit) return this.delete(name)
    this.#grow(() => {
      const before = this.#size.get(key) ?? 0
      this.#set.run(key, value, size, expires)
      return size - before
    })
    while (this.#bytes! > limit) this.#shrink(() => this.#makeRoom.all(LEAVING))
  }

  delete(name: string): void {
    this.#shrink(() => this.#delete.all(keyOf(name)))
  }

  /** Deletes some of those whose time is up. @returns how many */
  sweep(now: number, limit: number): number {
    return this.#shrink(() => this.#sweep.all(now, limit))
  }

  clear(): void {
    this.#clear.run()
    this.forget()
  }

  /** What it knows may be wrong: a transaction did not happen. */
  forget(): void {
    this.#bytes = undefined
  }

  /** @param change returns the bytes that it added */
  #grow(change: () => number): void {
    const before = (this.#bytes ??= this.#total.get()!)
    this.#bytes = before + change()
  }

  /** @param change returns the sizes of those that it deleted @returns how many */
  #shrink(change: () => readonly number[]): number {
    let count = 0
    this.#grow(() => {
      const sizes = change()
      count = sizes.length
      return -sizes.reduce((sum, size) => sum + size, 0)
    })
    return count
  }
}

export class CacheReader {
  readonly #get: Statement<[Buffer, number], Buffer>

  constructor(db: Database) {
    this.#get = db.prepare<[Buffer, number], Buffer>('SELECT value FROM cache WHERE key = ? AND expires > ?').pluck()
  }

  get(name: string, now: number): Buffer | undefined {
    return this.#get.get(keyOf(name), now)
  }
}
