/** Reads that may take long: they run in a thread of their own. */
import type { Filter, ListOptions, Page, Sum, Sums } from '@sluice/store-kit'
import Database from 'better-sqlite3'
import { listRecords } from './tables/records.ts'
import type { RecordText } from './tables/records.ts'
import { readRows } from './tables/rows.ts'
import type { RowText } from './tables/rows.ts'
import { sumRows } from './tables/sums.ts'

export class Reader {
  readonly #db: Database.Database

  constructor(file: string) {
    this.#db = new Database(file, { readonly: true, fileMustExist: true })
  }

  list(collection: string, page: ListOptions, now: number): RecordText[] {
    return listRecords(this.#db, collection, page, now)
  }

  rows(journal: string, filter: Filter, page: Page): RowText[] {
    return readRows(this.#db, journal, filter, page)
  }

  sums(journal: string, filter: Filter, sums: Sums): Sum[] {
    return sumRows(this.#db, journal, filter, sums)
  }

  close(): void {
    this.#db.close()
  }
}
