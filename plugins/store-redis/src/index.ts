/** `@sluice/store-redis`: counters, a cache and messages that all replicas share, in Redis or Valkey. */
import { definePlugin, describe, milliseconds, Type } from '@sluice/core'
import { Cache, ChunkedCounters, Counters, Gossip, LeasedCounters, serverUrl } from '@sluice/store-kit'
import { RedisLink } from './link.ts'
import { Options } from './options.ts'
import { RedisCache } from './redis-cache.ts'
import { RedisCounters } from './redis-counters.ts'
import { RedisGossip } from './redis-gossip.ts'

/** Milliseconds: what a process held that died is back within a minute. */
const LEASE_LIFE = 45_000
const RENEWAL_INTERVAL = 13_000

/** Provides `Counters`, `Cache` and `Gossip`. */
export const redisStore = definePlugin({
  name: 'store-redis',
  version: '0.1.0',
  api: 1,
  provides: [Counters, Cache, Gossip],
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  async setup({ options, log, provide, onClose }) {
    const url = serverUrl(options.url, ['redis', 'rediss'], options.password)
    const prefix = options.prefix ?? 'sluice:'
    const deadline = milliseconds(options.deadline ?? '200ms')
    const connectTimeout = milliseconds(options.connectTimeout ?? '2s')
    const server = { url, connectTimeout, tls: options.tls }
    const link = new RedisLink({ ...server, deadline }, log)
    onClose(() => link.close())
    if (options.required ?? true) await link.opened()
    const onError = (error: unknown): void =>
      log.warn({ reason: describe(error) }, 'upkeep of counters in Redis failed')
    const leased = new LeasedCounters({
      server: new RedisCounters(link, prefix, LEASE_LIFE),
      interval: RENEWAL_INTERVAL,
      onError,
    })
    onClose(() => leased.close())
    const counters = new ChunkedCounters(leased, onError)
    onClose(() => counters.close())
    provide(Counters, counters)
    provide(Cache, new RedisCache(link, prefix))
    const gossip = new RedisGossip(link, prefix, server, log)
    onClose(() => gossip.close())
    provide(Gossip, gossip)
  },
})
