import type { Filter, Page, Row } from '@sluice/store-kit'
import type { Database, Statement } from 'better-sqlite3'
import { keyOf, textOf } from '../key.ts'
import { dataOf, dataText } from './fields.ts'
import { pageSize } from './page.ts'
import { whereSql } from './where.ts'

/** A row as it is stored; `text` is what `dataText` makes of its data. */
export type RowText = { id: string; time: number; text: string }
type StoredRow = { id: Buffer; time: number; data: string }

export class RowWriter {
  readonly #append: Statement<[Buffer, Buffer, number, string]>
  readonly #prune: Statement<[Buffer, number, number]>

  constructor(db: Database) {
    this.#append = db.prepare('INSERT INTO rows (journal, id, time, data) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
    this.#prune = db.prepare(
      'DELETE FROM rows WHERE rowid IN (SELECT rowid FROM rows WHERE journal = ? AND time < ? LIMIT ?)',
    )
  }

  /** @returns the ids that were new */
  append(journal: string, rows: readonly RowText[]): string[] {
    const name = keyOf(journal)
    const added: string[] = []
    for (const { id, time, text } of rows)
      if (this.#append.run(name, keyOf(id), time, text).changes === 1) added.push(id)
    return added
  }

  /** @param lines as `Journal.appendLines` says */
  appendLines(journal: string, lines: Uint8Array): void {
    const texts = Buffer.from(lines.buffer, lines.byteOffset, lines.length).toString().split('\n')
    this.append(journal, texts.filter(isRow).map(rowIn))
  }

  /** Deletes some of those before a moment. @returns how many */
  prune(journal: string, before: number, limit: number): number {
    return this.#prune.run(keyOf(journal), before, limit).changes
  }
}

/** Nothing in such a line is escaped, nor has to be in a field's name: its data can be stored as it stands there. */
const PLAIN = /^\{"id":"([!#$&-[\]-~]+)","time":(\d+(?:\.\d+)?),"data":(\{[ -$&-[\]-~]*\})\}$/

function isRow(line: string): boolean {
  return line !== '' && !line.startsWith('?')
}

function rowIn(line: string): RowText {
  const [, name, moment, text] = PLAIN.exec(line) ?? []
  if (name !== undefined && text !== undefined) return { id: name, time: Number(moment), text }
  const { id, time, data } = JSON.parse(line) as Row
  return { id, time, text: dataText(data) }
}

export class RowReader {
  readonly #find: Statement<[Buffer, Buffer], { time: number; data: string }>

  constructor(db: Database) {
    this.#find = db.prepare('SELECT time, data FROM rows WHERE journal = ? AND id = ?')
  }

  find(journal: string, id: string): Row | undefined {
    const row = this.#find.get(keyOf(journal), keyOf(id))
    return row && { id, time: row.time, data: dataOf(row.data) }
  }
}

export function readRows(db: Database, journal: string, filter: Filter, page: Page): RowText[] {
  const { after, limit, newestFirst } = page
  const { sql, values } = whereSql(journal, filter)
  const [past, order] = newestFirst ? ['<', 'DESC'] : ['>', 'ASC']
  if (after) values.push(after.time, keyOf(after.id))
  const rest = after ? ` AND (time, id) ${past} (?, ?)` : ''
  const rows = db
    .prepare<unknown[], StoredRow>(
      `SELECT id, time, data FROM rows WHERE ${sql}${rest} ORDER BY time ${order}, id ${order} LIMIT ?`,
    )
    .all(...values, pageSize(limit))
  return rows.map(({ id, time, data }) => ({ id: textOf(id), time, text: data }))
}
