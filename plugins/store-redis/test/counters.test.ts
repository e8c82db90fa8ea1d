import { testCache, testChunks, testCounters, testLeases, testRemoteCounters } from '@sluice/store-kit/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { handleOf } from './support/handles.ts'
import type { Handle } from './support/handles.ts'
import { RedisServer } from './support/redis-server.ts'

describe.skipIf(!RedisServer.isInstalled())('two replicas on one Redis', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await RedisServer.create()
    await server.start()
  })
  afterAll(() => server.stop())

  let prefixes = 0
  const two = async (life?: number): Promise<[Handle, Handle]> => {
    const options = { prefix: `${++prefixes}:`, deadline: 5_000, ...(life !== undefined && { life }) }
    return [await handleOf(server, options), await handleOf(server, options)]
  }
  const create =
    <T>(of: (handle: Handle) => T) =>
    async () => {
      const [one, other] = await two()
      const close = async (): Promise<void> => void (await Promise.all([one.close(), other.close()]))
      return { handles: [of(one), of(other)] as [T, T], close }
    }

  describe('as counters', () => {
    testCounters({ test, create: create(({ provided }) => provided), clock: 'own' })
    testChunks({ test, create: create(({ provided }) => provided) })
    testRemoteCounters({ test, create: create(({ counters }) => counters), clock: 'own' })
    testLeases({
      test,
      create: async (life) => {
        const [one, other] = await two(life)
        const close = async (): Promise<void> => void (await Promise.all([one.close(), other.close()]))
        return { one: one.counters, other: other.counters, die: () => one.counters.close(), close }
      },
    })
  })
  describe('as a cache', () => {
    testCache({ test, create: create(({ cache }) => cache), clock: 'own' })
  })
})
