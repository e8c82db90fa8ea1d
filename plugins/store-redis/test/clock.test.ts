import { LeasedCounters } from '@sluice/store-kit'
import type { Counters } from '@sluice/store-kit'
import { testCounters } from '@sluice/store-kit/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { RedisLink } from '../src/link.ts'
import { RedisCounters } from '../src/redis-counters.ts'
import type { Script } from '../src/script.ts'
import { handleOf } from './support/handles.ts'
import type { Handle } from './support/handles.ts'
import { RedisServer } from './support/redis-server.ts'

// Redis tells the time, and nobody can set it: what needs that runs the same scripts with a clock written into them.
describe.skipIf(!RedisServer.isInstalled())('the scripts, with a clock that can be set', () => {
  let server: RedisServer
  let handle: Handle
  beforeAll(async () => {
    server = await RedisServer.create()
    await server.start()
    handle = await handleOf(server, { deadline: 5_000 })
  })
  afterAll(async () => {
    await handle.close()
    await server.stop()
  })

  let prefixes = 0
  let calls = 0
  const create = (now: () => number): Counters => {
    const run = ({ source }: Script, keys: readonly string[], values: readonly string[]): Promise<unknown> => {
      const [seconds, rest] = [Math.floor(now() / 1000), now() % 1000]
      // Microseconds differ from call to call, as they do in truth.
      const clock = `{ '${seconds}', '${rest * 1000 + (calls++ % 1000)}' }`
      const timed = source
        .replace("redis.call('TIME')", clock)
        .replace("'PX', string.format('%.0f', math.ceil(life))", "'KEEPTTL'")
      return handle.link.send(['EVAL', timed, String(keys.length), ...keys, ...values])
    }
    const link = { run, send: (command: string[]) => handle.link.send(command) } as unknown as RedisLink
    const server = new RedisCounters(link, `clock ${++prefixes}:`, 1e15)
    const counters = new LeasedCounters({ server, interval: 100_000, onError: () => undefined })
    counters.close()
    return counters
  }
  testCounters({ test, create })
})
