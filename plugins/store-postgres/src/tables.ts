/** What the tables hold. Times are milliseconds since the epoch by the clock of the server, Infinity for never. */
import type { Generated, JSONColumnType } from 'kysely'
import type { JsonObject } from '@sluice/core'
import type { Row } from '@sluice/store-kit'

export interface Tables {
  migrations: { version: number; name: string; applied: Generated<Date> }
  /** Names and ids in UTF-16BE, which orders as texts do here. */
  records: { collection: Buffer; id: Buffer; value: JSONColumnType<JsonObject>; revision: number; expires: number }
  rows: { journal: Buffer; id: Buffer; time: number; data: JSONColumnType<Row['data']> }
}
