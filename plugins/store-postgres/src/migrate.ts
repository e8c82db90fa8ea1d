/** Brings the schema to this version: forwards only, all or nothing, one replica at a time. */
import { GatewayError } from '@sluice/core'
import { Kysely, PostgresDialect, sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { PoolConfig } from 'pg'
import { records } from './migrations/1-records.ts'
import { journals } from './migrations/2-journals.ts'
import { counters } from './migrations/3-counters.ts'
import type { Tables } from './tables.ts'
import { TimedPool } from './timed-pool.ts'

/** Makes what one version added. */
export interface Migration {
  name: string
  up: (db: Transaction<Tables>, schema: string) => Promise<unknown>
}

/** In the order in which they are applied. One that was published is never changed. */
const MIGRATIONS: readonly Migration[] = [records, journals, counters]

/**
 * @param deadline milliseconds, also for waiting on another replica
 * @throws GatewayError `config_invalid` if the schema is of a newer version or not whole, or what the server says
 */
export async function migrate(address: PoolConfig, schema: string, deadline: number): Promise<void> {
  const pool = new TimedPool({ ...address, max: 1 }, deadline)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema(schema)
  try {
    await db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`migrations of ${schema}`}, 0))`.execute(transaction)
      await checkEncoding(transaction)
      await makeSchema(transaction, schema)
      const applied = await transaction.selectFrom('migrations').selectAll().orderBy('version').execute()
      checkApplied(applied, schema)
      for (const [index, { name, up }] of MIGRATIONS.entries()) {
        if (index < applied.length) continue
        await up(transaction, schema)
        await transaction
          .insertInto('migrations')
          .values({ version: index + 1, name })
          .execute()
      }
    })
  } catch (error) {
    if ((error as { code?: unknown }).code !== DUPLICATE) throw error
    throw notWhole(schema, error)
  } finally {
    await pool.end()
  }
}

/** SQLSTATE: a table that is to be made is there already. */
const DUPLICATE = '42P07'

async function checkEncoding(db: Transaction<Tables>): Promise<void> {
  const { rows } = await sql<{ server_encoding: string }>`show server_encoding`.execute(db)
  const { server_encoding: encoding } = rows[0]!
  if (encoding === 'UTF8') return
  const text = `url: the database has the encoding ${encoding}. Name one that was created with encoding UTF8`
  throw new GatewayError('config_invalid', text)
}

/** The schema and the table that says what was applied. A role that may not make schemas needs one that is there. */
async function makeSchema(db: Transaction<Tables>, schema: string): Promise<void> {
  const { rows } = await sql`select from pg_namespace where nspname = ${schema}`.execute(db)
  if (rows.length === 0) await db.schema.createSchema(schema).execute()
  await db.schema
    .createTable('migrations')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute()
}

function checkApplied(applied: readonly { version: number; name: string }[], schema: string): void {
  const newest = applied.at(-1)?.version ?? 0
  if (newest > MIGRATIONS.length) {
    const versions = `version ${newest}; this gateway knows ${MIGRATIONS.length}`
    const text = `schema: "${schema}" was made by a newer gateway (${versions}). Run that one, or name another schema`
    throw new GatewayError('config_invalid', text)
  }
  for (const [index, { version, name }] of applied.entries()) {
    if (version !== index + 1 || name !== MIGRATIONS[index]!.name) throw notWhole(schema, { version, name })
  }
}

function notWhole(schema: string, cause: unknown): GatewayError {
  const text = `schema: "${schema}" is not whole, as after a restore of a part. Restore all of it, or name another schema`
  return new GatewayError('config_invalid', text, { cause })
}
