import { ChunkedCounters, LeasedCounters } from '@sluice/store-kit'
import { RedisLink } from '../../src/link.ts'
import { RedisCache } from '../../src/redis-cache.ts'
import { RedisCounters } from '../../src/redis-counters.ts'
import type { RedisServer } from './redis-server.ts'

/** Milliseconds. */
export const DEADLINE = 200

type Line = { level: string; about: object; text: string }

/** What a replica does with Redis, and what it logs of it. */
export interface Handle {
  link: RedisLink
  counters: LeasedCounters
  /** Those that the plugin provides. */
  provided: ChunkedCounters
  cache: RedisCache
  log: Line[]
  close(): Promise<void>
}

/** @param life milliseconds that a lease lives without being renewed; it is, three times as often */
export async function handleOf(
  server: RedisServer,
  { prefix = 'test:', life = 45_000, deadline = DEADLINE } = {},
): Promise<Handle> {
  const log: Line[] = []
  const write = (level: string) => (about: object, text: string) => void log.push({ level, about, text })
  const logger = { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') }
  const options = { url: new URL(server.url), deadline, connectTimeout: 2_000, tls: undefined }
  const link = new RedisLink(options, logger as never)
  await link.opened()
  const counters = new LeasedCounters({
    server: new RedisCounters(link, prefix, life),
    interval: life / 3,
    onError: () => undefined,
  })
  const provided = new ChunkedCounters(counters, (error) => {
    throw error
  })
  const close = async (): Promise<void> => {
    await provided.close()
    counters.close()
    link.close()
  }
  return { link, counters, provided, cache: new RedisCache(link, prefix), log, close }
}
