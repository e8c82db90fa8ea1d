import { invalidRequest } from '@sluice/core'
import type { Shared } from '@sluice/core/cluster'
import type { Filter, Journal, Page, Row, Sum, Sums } from '@sluice/store-kit'
import type { PointReader } from './point-reader.ts'
import type { SharedDatabase } from './shared-database.ts'
import { dataOf, dataText } from './tables/fields.ts'
import type { RowText } from './tables/rows.ts'

export class SqliteJournal implements Journal {
  readonly #database: Shared<SharedDatabase>
  readonly #reader: PointReader

  constructor(database: Shared<SharedDatabase>, reader: PointReader) {
    this.#database = database
    this.#reader = reader
  }

  async append(journal: string, rows: readonly Row[]): Promise<string[]> {
    return this.#database.append(journal, rows.map(textOf))
  }

  async appendLines(journal: string, lines: Uint8Array): Promise<void> {
    await this.#database.appendLines(journal, lines)
  }

  async find(journal: string, id: string): Promise<Row | undefined> {
    return this.#reader.row(journal, id)
  }

  async read(journal: string, filter: Filter = {}, page: Page = {}): Promise<Row[]> {
    const rows = await this.#database.rows(journal, filter, page)
    return rows.map(({ id, time, text }) => ({ id, time, data: dataOf(text) }))
  }

  async sum(journal: string, filter: Filter, sums: Sums): Promise<Sum[]> {
    return this.#database.sums(journal, filter, sums)
  }

  async prune(journal: string, before: number): Promise<number> {
    return this.#database.prune(journal, before)
  }
}

/** A row that cannot be stored must not stop those that are written with it. */
function textOf({ id, time, data }: Row): RowText {
  if (!Number.isFinite(time)) throw invalidRequest(`A row's time cannot be ${time}.`, 'time')
  return { id, time, text: dataText(data) }
}
