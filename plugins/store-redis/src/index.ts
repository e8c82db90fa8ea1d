/** `@sluice/store-redis`: counters and a cache that all replicas share, in Redis or Valkey. */
import { definePlugin, describe, milliseconds, Type } from '@sluice/core'
import { Cache, Counters, LeasedCounters, serverUrl } from '@sluice/store-kit'
import { RedisLink } from './link.ts'
import { Options } from './options.ts'
import { RedisCache } from './redis-cache.ts'
import { RedisCounters } from './redis-counters.ts'

/** Milliseconds: what a process held that died is back within a minute. */
const LEASE_LIFE = 45_000
const RENEWAL_INTERVAL = 13_000

/** Provides `Counters` and `Cache`. */
export const redisStore = definePlugin({
  name: 'store-redis',
  version: '0.1.0',
  api: 1,
  provides: [Counters, Cache],
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  async setup({ options, log, provide, onClose }) {
    const url = serverUrl(options.url, ['redis', 'rediss'], options.password)
    const prefix = options.prefix ?? 'sluice:'
    const deadline = milliseconds(options.deadline ?? '200ms')
    const connectTimeout = milliseconds(options.connectTimeout ?? '2s')
    const link = new RedisLink({ url, deadline, connectTimeout, tls: options.tls }, log)
    onClose(() => link.close())
    if (options.required ?? true) await link.opened()
    const counters = new LeasedCounters({
      server: new RedisCounters(link, prefix, LEASE_LIFE),
      interval: RENEWAL_INTERVAL,
      onError: (error) => log.warn({ reason: describe(error) }, 'leases could not be renewed: they are tried again'),
    })
    onClose(() => counters.close())
    provide(Counters, counters)
    provide(Cache, new RedisCache(link, prefix))
  },
})
