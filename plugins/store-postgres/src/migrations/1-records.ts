import type { Migration } from '../migrate.ts'
import { sql } from 'kysely'

/** The records of `Store`, and the clock of all times that are kept. */
export const records: Migration = {
  name: 'records',
  up: async (db, schema) => {
    const at = sql.id(schema)
    await sql`
      create function ${at}.clock() returns double precision language sql volatile
      as $$ select floor(extract(epoch from clock_timestamp()) * 1000)::double precision $$`.execute(db)
    await sql`
      create table ${at}.records (
        collection bytea not null,
        id bytea not null,
        value json not null,
        revision bigint not null,
        expires double precision not null,
        primary key (collection, id)
      )`.execute(db)
    await sql`create index on ${at}.records (expires) where expires < 'infinity'`.execute(db)
    // Counts writes, for those that listen: its end can be looked at without a lock.
    await sql`create sequence ${at}.changes`.execute(db)
  },
}
