import type { JsonObject } from '@sluice/core'
import type { ListOptions, StoredRecord } from '@sluice/store-kit'
import type { Database, Statement } from 'better-sqlite3'
import { keyOf, textOf } from '../key.ts'
import { pageSize } from './page.ts'

/** `text`: JSON. `expires`: milliseconds since the epoch, null for never. */
export type NewRecord = {
  collection: string
  id: string
  text: string
  expires: number | null
  revision: number | undefined
}
/** A record as it is stored. */
export type RecordText = { id: string; text: string; revision: number }

const FIND = 'SELECT value, revision FROM records WHERE collection = ? AND id = ? AND ifnull(expires, 9e999) > ?'
const PUT = `
  INSERT INTO records (collection, id, value, revision, expires) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET value = excluded.value, revision = excluded.revision, expires = excluded.expires`
const LIST = `
  SELECT id, value, revision FROM records
  WHERE collection = ? AND id >= ? AND ifnull(expires, 9e999) > ? ORDER BY id LIMIT ?`
const SWEEP = 'DELETE FROM records WHERE rowid IN (SELECT rowid FROM records WHERE expires <= ? LIMIT ?)'

export class RecordWriter {
  readonly #revision: Statement<[Buffer, Buffer, number], number>
  readonly #put: Statement<[Buffer, Buffer, string, number, number | null]>
  readonly #delete: Statement<[Buffer, Buffer]>
  readonly #sweep: Statement<[number, number]>

  constructor(db: Database) {
    this.#revision = db.prepare<[Buffer, Buffer, number], number>(FIND.replace('value, ', '')).pluck()
    this.#put = db.prepare(PUT)
    this.#delete = db.prepare('DELETE FROM records WHERE collection = ? AND id = ?')
    this.#sweep = db.prepare(SWEEP)
  }

  /** @returns the new revision; undefined if the stored one is another than asked for */
  put({ collection, id, text, expires, revision }: NewRecord, now: number): number | undefined {
    const [group, key] = [keyOf(collection), keyOf(id)]
    const current = this.#revision.get(group, key, now) ?? 0
    if (revision !== undefined && revision !== current) return undefined
    this.#put.run(group, key, text, current + 1, expires)
    return current + 1
  }

  /** @returns whether there was one; undefined if the stored revision is another than asked for */
  delete(collection: string, id: string, revision: number | undefined, now: number): boolean | undefined {
    const [group, key] = [keyOf(collection), keyOf(id)]
    const current = this.#revision.get(group, key, now) ?? 0
    if (revision !== undefined && revision !== current) return undefined
    this.#delete.run(group, key)
    return current > 0
  }

  /** Deletes some of those whose time is up. @returns how many */
  sweep(now: number, limit: number): number {
    return this.#sweep.run(now, limit).changes
  }
}

export class RecordReader {
  readonly #find: Statement<[Buffer, Buffer, number], { value: string; revision: number }>

  constructor(db: Database) {
    this.#find = db.prepare(FIND)
  }

  find(collection: string, id: string, now: number): StoredRecord | undefined {
    const row = this.#find.get(keyOf(collection), keyOf(id), now)
    return row && { id, value: JSON.parse(row.value) as JsonObject, revision: row.revision }
  }
}

/** A page in the order of ids. */
export function listRecords(db: Database, collection: string, page: ListOptions, now: number): RecordText[] {
  const list = db.prepare<[Buffer, Buffer, number, number], { id: Buffer; value: string; revision: number }>(LIST)
  const rows = list.all(keyOf(collection), firstAfter(page.after), now, pageSize(page.limit))
  return rows.map(({ id, value, revision }) => ({ id: textOf(id), text: value, revision }))
}

/** The least key that is greater; of nothing, the least of all. */
function firstAfter(id: string | undefined): Buffer {
  return keyOf(id === undefined ? '' : `${id}\0`)
}
