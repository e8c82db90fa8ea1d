import type { Claim } from '@sluice/store-kit'
import { eventually, refusalOf, testOutages } from '@sluice/store-kit/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DEADLINE, handleOf } from './support/handles.ts'
import type { Handle } from './support/handles.ts'
import { RedisServer } from './support/redis-server.ts'

const bucket = (amount: number): Claim => ({ kind: 'bucket', key: 'tokens', amount, limit: 100, period: 3_600_000 })
const slots: Claim = { kind: 'slots', key: 'slots', amount: 1, limit: 1 }
const window = (amount: number): Claim => ({ kind: 'window', key: 'money', amount, limit: 100, until: Infinity })
const SECRET = 'hunter2hunter2'

describe.skipIf(!RedisServer.isInstalled())('a replica on Redis', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await RedisServer.create({ password: SECRET })
    await server.start()
  })
  afterAll(() => server.stop())
  const create = async (): Promise<Handle> => {
    const handle = await handleOf(server, { life: 300 })
    await handle.link.send(['FLUSHALL'])
    return handle
  }

  testOutages<Handle>({
    test,
    server: () => server,
    create,
    deadline: DEADLINE,
    secret: SECRET,
    calls: {
      reserve: ({ counters }, name) => counters.reserve(name, [window(1)]),
      settle: ({ counters }, name) => counters.settle(name, [window(1)], [1]),
      read: ({ counters }) => counters.read([window(1)]),
      reset: ({ counters }) => counters.reset('money'),
      get: ({ cache }) => cache.get('x'),
      set: ({ cache }) => cache.set('x', Buffer.from('x'), 1000),
      delete: ({ cache }) => cache.delete('x'),
    },
  })

  describe('that', () => {
    let handle: Handle
    beforeEach(async () => {
      handle = await create()
    })
    afterEach(() => handle.close())

    test('answers slowly: calls end in time', async () => {
      const other = await handleOf(server)
      await other.link.send(['CLIENT', 'PAUSE', '500', 'ALL'])
      const { time, code } = await refusalOf(handle.counters.read([slots]))
      expect(code).toBe('overloaded')
      expect(time).toBeLessThan(DEADLINE + 150)
      expect(await eventually(() => handle.counters.read([slots]))).toBeLessThan(1000)
      await other.close()
    })

    test('breaks all connections: calls go on over new ones', async () => {
      const other = await handleOf(server)
      await other.link.send(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
      await other.close()
      expect(await eventually(() => handle.counters.read([slots]))).toBeLessThan(1000)
    })

    test('has become a replica of another: calls are refused, and go on when it is the master again', async () => {
      await handle.link.send(['REPLICAOF', '127.0.0.1', '1'])
      expect(await refusalOf(handle.counters.reserve('x', [slots]))).toMatchObject({ code: 'overloaded' })
      await eventually(() => handle.link.send(['REPLICAOF', 'NO', 'ONE']))
      let tried = 0
      expect(await eventually(() => handle.counters.reserve(`y ${tried++}`, [slots]))).toBeLessThan(1000)
    })

    test('has forgotten the scripts: calls go on', async () => {
      await handle.counters.reserve('x', [bucket(60)])
      await handle.link.send(['SCRIPT', 'FLUSH'])
      expect(await handle.counters.reserve('y', [bucket(60)])).toMatchObject({ granted: false })
      await handle.counters.settle('x', [bucket(60)], [0])
      expect(await handle.counters.reserve('z', [bucket(60)])).toMatchObject({ granted: true })
    })

    test('has forgotten everything: what is held is taken again, and what is settled is counted', async () => {
      const other = await handleOf(server)
      await handle.counters.reserve('x', [slots, window(10)])
      await handle.counters.reserve('y', [window(10)])
      await handle.link.send(['FLUSHALL'])
      await handle.counters.settle('y', [window(10)], [25])
      await eventually(async () => expect(await other.counters.read([window(0)])).toMatchObject([{ remaining: 65 }]))
      expect(await other.counters.reserve('z', [slots])).toMatchObject({ granted: false, short: 0 })
      await handle.counters.settle('x', [slots, window(10)], [1, 5])
      expect(await other.counters.read([slots, window(0)])).toMatchObject([{ remaining: 1 }, { remaining: 70 }])
      await other.close()
    })

    test('is asked for what it does not keep for ever: every key has a time to live', async () => {
      const passing = { ...window(1), key: 'passing', until: Date.now() + 60_000 }
      await handle.counters.reserve('x', [slots, bucket(1), window(1), passing])
      await handle.counters.reserve('y', [bucket(1)])
      await handle.counters.settle('y', [bucket(1)], [2])
      await handle.cache.set('a', Buffer.from('a'), 1000)
      const keys = (await handle.link.send(['KEYS', '*'])) as string[]
      const forEver: string[] = []
      for (const key of keys) if ((await handle.link.send(['PTTL', key])) === -1) forEver.push(key)
      expect(keys).toHaveLength(8)
      expect(forEver, 'but for a window without an end').toEqual(['test:window:money'])
    })
  })
})
