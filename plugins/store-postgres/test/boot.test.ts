import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { Store } from '@sluice/store-kit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { eventually, providedBy, testBoot } from '@sluice/store-kit/testing'
import { freshSchema, handleOf } from './support/handles.ts'
import { PostgresServer } from './support/postgres-server.ts'

describe.skipIf(!PostgresServer.isInstalled())('a gateway with PostgreSQL', async () => {
  const server = await PostgresServer.create()
  beforeAll(() => server.start())
  afterAll(() => server.stop())

  testPlugin({ test, plugin: postgresStore({ url: server.url }) })

  const withPassword = (password: string): string => server.url.replace(/:[^:@]*@/, `:${password}@`)
  const nowhere = server.url.replace(String(server.port), '1')

  testBoot({
    test,
    plugin: postgresStore,
    server,
    secure: (tls) => PostgresServer.create({ tls }),
    tlsQuery: '?sslmode=require',
    secrets: /wr0ng-secret|w0rd/,
    refused: [
      ['the password is wrong', { url: withPassword('wr0ng-secret') }, /password authentication failed/],
      ['there is no such database', { url: `${server.url}x` }, /database "postgresx" does not exist/],
      ['nobody listens', { url: nowhere, connectTimeout: '200ms' }, /127\.0\.0\.1:1\/postgres.*ECONNREFUSED/],
      ['it has no TLS', { url: `${server.url}?sslmode=require` }, /does not support SSL/],
      ['the url is none', { url: 'wr0ng-secret' }, /url: must be of the form postgres:/],
      ['it is another database', { url: 'mysql://a:wr0ng-secret@h/d' }, /url: must be of the form postgres:/],
      ['a certificate cannot be read', { url: server.url, tls: { ca: '/nowhere/ca.pem' } }, /tls\.ca: .*ENOENT/],
    ],
  })

  test('boots without it if it is not required, and uses it when it is there', async () => {
    await server.kill()
    const plugin = postgresStore({ url: server.url, schema: freshSchema(), required: false })
    const { service: store, config } = providedBy(plugin, Store)
    await using gateway = await createTestGateway(config)
    await expect(store().get('a', '1')).rejects.toMatchObject({ code: 'overloaded' })
    const told: (string | undefined)[] = []
    store().watch('a', (id) => told.push(id))
    await server.start()
    expect(await eventually(() => store().put('a', '1', { n: 1 }))).toBeLessThan(1000)
    expect(await store().get('a', '1')).toEqual({ n: 1 })
    await eventually(() => expect(told).not.toEqual([]))
    await gateway.close()
  })

  describe('of a schema', () => {
    const refusal = (schema: string): Promise<unknown> =>
      createTestGateway({ plugins: [postgresStore({ url: server.url, schema })] }).then(
        (gateway) => gateway.close(),
        (error: unknown) => error,
      )

    test('that a newer gateway made, it does not boot', async () => {
      const schema = freshSchema()
      const handle = await handleOf(server, schema)
      await handle.link.run((db) => db.insertInto('migrations').values({ version: 99, name: 'x' }).execute())
      expect(await refusal(schema)).toMatchObject({ code: 'config_invalid', message: /newer gateway/ })
      await handle.close()
    })

    test('that is not whole, it does not boot', async () => {
      const schema = freshSchema()
      const handle = await handleOf(server, schema)
      await handle.link.run((db) => db.deleteFrom('migrations').where('version', '=', 2).execute())
      expect(await refusal(schema)).toMatchObject({ code: 'config_invalid', message: /not whole/ })
      await handle.link.run((db) => db.deleteFrom('migrations').execute())
      expect(await refusal(schema)).toMatchObject({ code: 'config_invalid', message: /not whole/ })
      await handle.close()
    })

    test('that was made for a role that may make none, it boots', async () => {
      const schema = freshSchema()
      const handle = await handleOf(server, freshSchema())
      const run = (statement: string) => handle.link.run((db) => sql.raw(statement).execute(db))
      await run(`create role modest login password 'modest'; create schema ${schema} authorization modest`)
      const url = server.url.replace(/\/\/[^@]*@/, '//modest:modest@')
      await (await createTestGateway({ plugins: [postgresStore({ url, schema })] })).close()
      await handle.close()
    })

    test('in a database that is not in UTF-8, it does not boot', async () => {
      const handle = await handleOf(server, freshSchema(), { deadline: 10_000 })
      const create = sql`create database latin encoding 'LATIN1' template template0`
      await handle.link.run((db) => create.execute(db))
      const booting = createTestGateway({ plugins: [postgresStore({ url: server.url.replace(/postgres$/, 'latin') })] })
      await expect(booting).rejects.toMatchObject({ code: 'config_invalid', message: /LATIN1/ })
      await handle.close()
    })

    test('that is left half by one that failed, it makes all or nothing', async () => {
      const schema = freshSchema()
      const handle = await handleOf(server, freshSchema())
      const run = (statement: ReturnType<typeof sql>) => handle.link.run((db) => statement.execute(db))
      await run(sql`create schema ${sql.id(schema)}`)
      await run(sql`create type ${sql.id(schema, 'claim')} as enum ()`)
      expect(await refusal(schema)).toMatchObject({ code: 'config_invalid' })
      await run(sql`drop type ${sql.id(schema, 'claim')}`)
      expect(await refusal(schema)).toBeUndefined()
      await handle.close()
    })
  })
})
