import {
  testChunks,
  testCounters,
  testJournal,
  testLeases,
  testRemoteCounters,
  testStore,
} from '@sluice/store-kit/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { chunkedOf, countersOf, empty, freshSchema, handleOf } from './support/handles.ts'
import type { Handle } from './support/handles.ts'
import { PostgresServer } from './support/postgres-server.ts'

describe.skipIf(!PostgresServer.isInstalled())('two replicas on one PostgreSQL', () => {
  let server: PostgresServer
  let one: Handle
  let other: Handle
  const schema = freshSchema()
  beforeAll(async () => {
    server = await PostgresServer.create()
    await server.start()
    const options = { deadline: 5_000 }
    ;[one, other] = await Promise.all([handleOf(server, schema, options), handleOf(server, schema, options)])
  })
  afterAll(async () => {
    await Promise.all([one.close(), other.close()])
    await server.stop()
  })

  const create =
    <T>(of: (handle: Handle) => T) =>
    async () => {
      await empty(one)
      return { handles: [of(one), of(other)] as [T, T] }
    }

  describe('as a store', () => {
    testStore({ test, create: create(({ store }) => store), clock: 'own' })
  })
  describe('as counters', () => {
    testCounters({ test, create: create(({ link }) => chunkedOf(countersOf(link))), clock: 'own' })
    testChunks({ test, create: create(({ link }) => chunkedOf(countersOf(link))) })
    testRemoteCounters({ test, create: create(({ link }) => countersOf(link)), clock: 'own' })
    testLeases({
      test,
      create: async (life) => {
        await empty(one)
        const options = { life, deadline: 5_000 }
        const [first, second] = [await handleOf(server, schema, options), await handleOf(server, schema, options)]
        const close = (): Promise<unknown> => Promise.all([first.close(), second.close()])
        return { one: first.counters, other: second.counters, die: () => first.counters.close(), close }
      },
    })
  })
  describe('as a journal', () => {
    testJournal({ test, create: create(({ journal }) => journal), clock: 'own' })
  })
})
