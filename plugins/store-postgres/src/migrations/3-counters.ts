import type { Migration } from '../migrate.ts'
import { sql } from 'kysely'
import { CALLS } from './counters/calls.ts'
import { METERS } from './counters/meters.ts'
import { TABLES } from './counters/tables.ts'

/** The meters and leases of `Counters`, and the functions that are its calls. */
export const counters: Migration = {
  name: 'counters',
  up: async (db, schema) => {
    await sql`set local search_path = ${sql.id(schema)}, pg_temp`.execute(db)
    await sql.raw(TABLES.replaceAll('sluice', schema)).execute(db)
    await sql.raw(METERS.replaceAll('sluice', schema)).execute(db)
    await sql.raw(CALLS.replaceAll('sluice', schema)).execute(db)
  },
}
