import { testCounters, testJournal, testStore } from '@sluice/store-kit/testing'
import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { countersOf, empty, freshSchema, handleOf } from './support/handles.ts'
import type { Handle } from './support/handles.ts'
import { PostgresServer } from './support/postgres-server.ts'

// All times come from one function of the schema, which a test can put another in place of.
describe.skipIf(!PostgresServer.isInstalled())('a PostgreSQL whose clock can be set', () => {
  let server: PostgresServer
  let handle: Handle
  /** What the clock says. */
  let time = 0
  const schema = freshSchema()
  const run = (statement: RawBuilder<unknown>): Promise<unknown> => handle.link.run((db) => statement.execute(db))

  beforeAll(async () => {
    server = await PostgresServer.create()
    await server.start()
    handle = await handleOf(server, schema, { deadline: 5_000 })
    await run(sql`create table ${sql.id(schema, 'time')} as select 0::double precision as now`)
    await run(
      sql`create or replace function ${sql.id(schema, 'clock')}() returns double precision language sql volatile as
      ${sql.lit(`select now from ${schema}.time`)}`,
    )
  })
  afterAll(async () => {
    await handle.close()
    await server.stop()
  })

  /** Sets the clock before every call. */
  const create =
    <T extends object>(of: (handle: Handle) => T) =>
    async (now: () => number): Promise<T> => {
      await empty(handle)
      const target = of(handle)
      const timed =
        (method: (...args: unknown[]) => unknown) =>
        async (...args: unknown[]) => {
          if (time !== now()) await run(sql`update ${sql.id(schema, 'time')} set now = ${(time = now())}`)
          return method.apply(target, args)
        }
      return new Proxy(target, {
        get: (_, name) => {
          const method = target[name as keyof T] as ((...args: unknown[]) => unknown) | undefined
          return name === 'watch' ? method?.bind(target) : method && timed(method)
        },
      })
    }

  describe('as a store', () => {
    testStore({ test, create: create(({ store }) => store) })
  })
  describe('as counters', () => {
    testCounters({ test, create: create(({ link }) => countersOf(link, 1e15)) })
  })
  describe('as a journal', () => {
    testJournal({ test, create: create(({ journal }) => journal) })
  })
})
