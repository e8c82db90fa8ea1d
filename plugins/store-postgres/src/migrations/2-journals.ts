import type { Migration } from '../migrate.ts'
import { sql } from 'kysely'

/** The rows of `Journal`. */
export const journals: Migration = {
  name: 'journals',
  up: async (db, schema) => {
    const at = sql.id(schema)
    await sql`
      create table ${at}.rows (
        journal bytea not null,
        id bytea not null,
        time double precision not null,
        data jsonb not null,
        primary key (journal, id)
      )`.execute(db)
    await sql`create index on ${at}.rows (journal, time, id)`.execute(db)
    await sql`create index on ${at}.rows using gin (data jsonb_path_ops)`.execute(db)
  },
}
