import { ChunkedCounters, LeasedCounters } from '@sluice/store-kit'
import { sql } from 'kysely'
import { addressOf } from '../../src/address.ts'
import { Changes } from '../../src/changes.ts'
import { PostgresLink } from '../../src/link.ts'
import { PostgresCounters } from '../../src/postgres-counters.ts'
import { PostgresJournal } from '../../src/postgres-journal.ts'
import { PostgresStore } from '../../src/postgres-store.ts'
import { Schema } from '../../src/schema.ts'
import type { PostgresServer } from './postgres-server.ts'

/** Milliseconds. */
export const DEADLINE = 300

type Line = { level: string; about: object; text: string }

/** What a replica does with PostgreSQL, and what it logs of it. */
export interface Handle {
  link: PostgresLink
  store: PostgresStore
  counters: LeasedCounters
  /** Those that the plugin provides. */
  provided: ChunkedCounters
  journal: PostgresJournal
  log: Line[]
  close(): Promise<void>
}

let schemas = 0
export const freshSchema = (): string => `test_${++schemas}`

/** @param life milliseconds that a lease lives without being renewed; it is, three times as often */
export async function handleOf(
  server: PostgresServer,
  schema: string,
  { life = 45_000, deadline = DEADLINE } = {},
): Promise<Handle> {
  const log: Line[] = []
  const write = (level: string) => (about: object, text: string) => void log.push({ level, about, text })
  const logger = { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') } as never
  const { about, ...address } = addressOf({ url: server.url })
  const tables = new Schema({ address, about, schema, deadline: 5_000, connectTimeout: 2_000 })
  await tables.boot()
  const link = new PostgresLink({ address, schema, poolSize: 5, deadline }, logger, () => tables.prepare())
  const changes = new Changes(address, schema, deadline, logger)
  await changes.start(5_000)
  const counters = countersOf(link, life)
  const provided = chunkedOf(counters)
  const close = async (): Promise<void> => {
    await provided.close()
    counters.close()
    changes.close()
    await link.close()
  }
  const journal = new PostgresJournal(link, link)
  return { link, store: new PostgresStore(link, changes), counters, provided, journal, log, close }
}

/** Of a process that holds nothing yet. */
export function countersOf(link: PostgresLink, life = 45_000): LeasedCounters {
  return new LeasedCounters({
    server: new PostgresCounters(link, life),
    interval: Math.min(life / 3, 15_000),
    onError: () => undefined,
  })
}

export function chunkedOf(counters: LeasedCounters): ChunkedCounters {
  return new ChunkedCounters(counters, (error) => {
    throw error
  })
}

/** Forgets all that is kept in its schema, which is much quicker than making another one. */
export async function empty({ link }: Handle): Promise<void> {
  const tables = ['records', 'rows', 'meters', 'leases'].map((name) => `delete from ${link.schema}.${name};`)
  await link.run((db) => sql.raw(tables.join(' ')).execute(db))
}
