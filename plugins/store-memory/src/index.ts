/** `@sluice/store-memory`: records, counters, caches and journals that live as long as the gateway. */
import { extname } from 'node:path'
import { bytes, definePlugin, describe, Size, Type } from '@sluice/core'
import { shareService } from '@sluice/core/cluster'
import { Cache, Counters, Journal, sharedCounters, Store, Watchers } from '@sluice/store-kit'
import { cacheOf, countersOf, journalOf, storeOf } from './handles.ts'
import type { StoreChange } from './memory-store.ts'
import type { Kept } from './service.ts'

const SERVICE = new URL(`./service${extname(import.meta.url)}`, import.meta.url)

/** Provides `Store`, `Counters`, `Cache` and `Journal`. */
export const memoryStore = definePlugin({
  name: 'store-memory',
  version: '0.1.0',
  api: 1,
  provides: [Store, Counters, Cache, Journal],
  options: Type.Object(
    {
      records: Type.Optional(Type.Integer({ minimum: 1, default: 10_000, description: 'Records at most.' })),
      size: Type.Optional(Size('Memory for all records at most.', '64mb')),
      cacheSize: Type.Optional(Size('Memory for all that is cached at most.', '64mb')),
      journalSize: Type.Optional(Size('Memory for each journal at most.', '64mb')),
    },
    { additionalProperties: false },
  ),
  async setup(context) {
    const { id, options, log, provide } = context
    const share = <K extends keyof Kept>(kind: K) => shareService<Kept[K]>(context, SERVICE, { instance: id, kind })
    const [records, counters, cache, journals] = await Promise.all([
      share('records'),
      share('counters'),
      share('cache'),
      share('journals'),
    ])
    await records.service.bound({ records: options.records ?? 10_000, bytes: bytes(options.size ?? '64mb') })
    await cache.service.bound(bytes(options.cacheSize ?? '64mb'))
    await journals.service.bound(bytes(options.journalSize ?? '64mb'))

    const watchers = new Watchers((error) => log.error({ error: describe(error) }, 'a watcher of records failed'))
    records.onEvent((event) => {
      const { collection, id } = event as StoreChange
      watchers.tell(collection, id)
    })
    provide(Store, storeOf(records.service, watchers))
    provide(Counters, sharedCounters(countersOf(counters.service, counters.peer), context))
    provide(Cache, cacheOf(cache.service))
    provide(Journal, journalOf(journals.service))
  },
})
