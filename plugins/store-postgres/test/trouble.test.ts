import type { Claim } from '@sluice/store-kit'
import { eventually, refusalOf, testOutages } from '@sluice/store-kit/testing'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DEADLINE, empty, freshSchema, handleOf } from './support/handles.ts'
import type { Handle } from './support/handles.ts'
import { PostgresServer } from './support/postgres-server.ts'

const window = (amount: number): Claim => ({ kind: 'window', key: 'money', amount, limit: 100, until: Infinity })

describe.skipIf(!PostgresServer.isInstalled())('a replica on PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await PostgresServer.create()
    await server.start()
  })
  afterAll(() => server.stop())

  const schema = freshSchema()
  const create = async (): Promise<Handle> => {
    const handle = await handleOf(server, schema, { life: 300 })
    await empty(handle)
    return handle
  }

  testOutages<Handle>({
    test,
    server: () => server,
    create,
    deadline: DEADLINE,
    secret: 'w0rd',
    calls: {
      find: ({ store }) => store.find('a', '1'),
      put: ({ store }) => store.put('a', '1', {}),
      delete: ({ store }) => store.delete('a', '1'),
      list: ({ store }) => store.list('a'),
      reserve: ({ counters }, name) => counters.reserve(name, [window(1)]),
      settle: ({ counters }, name) => counters.settle(name, [window(1)], [1]),
      append: ({ journal }, id) => journal.append('a', [{ id, time: 1, data: {} }]),
      read: ({ journal }) => journal.read('a'),
      sum: ({ journal }) => journal.sum('a', {}, { fields: [] }),
      prune: ({ journal }) => journal.prune('a', 0),
    },
  })

  describe('that', () => {
    let handle: Handle
    beforeEach(async () => {
      handle = await create()
    })
    afterEach(() => handle.close())

    test('breaks all connections: calls go on over new ones', async () => {
      await Promise.all(Array.from({ length: 5 }, () => handle.store.get('a', '1')))
      const other = await handleOf(server, schema)
      await other.link.run((db) =>
        sql`select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'sluice' and pid <> pg_backend_pid()`.execute(db),
      )
      expect(await eventually(() => handle.store.get('a', '1'))).toBeLessThan(1000)
      await other.close()
    })

    test('is held up by a lock: a call ends in time and leaves nothing behind that goes on', async () => {
      await handle.store.put('a', '1', { n: 1 })
      const other = await handleOf(server, schema, { deadline: 5_000 })
      let free = (): void => undefined
      const held = other.link.run((db) =>
        db.transaction().execute(async (transaction) => {
          await sql`select from ${sql.id(schema, 'records')} for update`.execute(transaction)
          await new Promise<void>((resolve) => (free = resolve))
        }),
      )
      await new Promise((resolve) => setTimeout(resolve, 20))
      const { time, code } = await refusalOf(handle.store.put('a', '1', { n: 2 }))
      expect(code).toBe('overloaded')
      expect(time).toBeLessThan(DEADLINE + 150)
      await new Promise((resolve) => setTimeout(resolve, 50))
      free()
      await held
      expect(await handle.store.get('a', '1')).toEqual({ n: 1 })
      await other.close()
    })

    test('takes no writes any more, as a standby does: calls are refused, and go on when it is the primary', async () => {
      const run = (statement: ReturnType<typeof sql>) => handle.link.run((db) => statement.execute(db))
      await run(sql`alter database postgres set default_transaction_read_only = on`)
      await run(sql`select pg_terminate_backend(pid) from pg_stat_activity where pid = pg_backend_pid()`).catch(() => 0)
      await eventually(() => handle.store.get('a', '1'))
      expect(await refusalOf(handle.store.put('a', '1', {}))).toMatchObject({ code: 'overloaded' })
      await eventually(() =>
        run(sql`begin read write; alter database postgres reset default_transaction_read_only; commit`),
      )
      expect(await eventually(() => handle.store.put('a', '1', {}))).toBeLessThan(1000)
    })

    test('was away: watchers learn that anything may have changed', async () => {
      const told: (string | undefined)[] = []
      handle.store.watch('a', (id) => told.push(id))
      await handle.store.put('a', '0', { kept: true })
      await eventually(() => expect(told.splice(0)).toContain('0'))
      await server.kill()
      await server.start()
      const other = await handleOf(server, schema)
      await eventually(() => expect(told).toEqual([undefined]))
      expect(await other.store.get('a', '0')).toEqual({ kept: true })
      await other.store.put('a', '1', {})
      await eventually(() => expect(told).toContain('1'))
      await other.close()
    })

    test('tells what nobody understands: watchers learn that anything may have changed', async () => {
      const told: (string | undefined)[] = []
      handle.store.watch('a', (id) => told.push(id))
      for (const payload of ['', 'rubbish', 'null', '{}', '[1]', '["a", 1]']) {
        await handle.link.run((db) => sql`select pg_notify(${`${schema}_changes`}, ${payload})`.execute(db))
      }
      await eventually(() => expect(told).toEqual(Array.from({ length: 6 }, () => undefined)))
    })

    test('is asked for names of any length: those that are too long are refused, the others work', async () => {
      const long = Array.from({ length: 600 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7919) % 20_000))).join('')
      const told: (string | undefined)[] = []
      handle.store.watch(long, (id) => told.push(id))
      await handle.store.put(long, long, {})
      await eventually(() => expect(told).toEqual([long]))
      await handle.journal.append(long, [{ id: long, time: 1, data: { [long]: long } }])
      for (let i = 0; i < 6; i++) {
        await expect(handle.store.put('a', `${long}!`, {})).rejects.toMatchObject({ code: 'invalid_request' })
      }
      const claim = { ...window(1), key: long.repeat(5) }
      await handle.counters.reserve(long.repeat(6), [claim])
      await handle.counters.settle(long.repeat(6), [claim], [3])
      expect(await handle.counters.read([claim])).toMatchObject([{ remaining: 97 }])
    })

    test('writes and does not tell: watchers learn within a second that anything may have changed', async () => {
      const told: (string | undefined)[] = []
      handle.store.watch('a', (id) => told.push(id))
      await handle.link.run((db) => sql`select nextval(${`${schema}.changes`}::regclass)`.execute(db))
      expect(await eventually(() => expect(told).toEqual([undefined]))).toBeLessThan(1000)
    })
  })
})
