/** `@sluice/store-sqlite`: records, counters, cache and journals in one SQLite file. */
import { extname, join, resolve } from 'node:path'
import { definePlugin, Type } from '@sluice/core'
import type { Logger } from '@sluice/core'
import { shareService } from '@sluice/core/cluster'
import { Cache, Counters, Journal, sharedCounters, Store } from '@sluice/store-kit'
import { SqliteCache } from './cache.ts'
import { SqliteCounters } from './counters.ts'
import { SqliteJournal } from './journal.ts'
import { PointReader } from './point-reader.ts'
import { Options, settingsOf } from './settings.ts'
import type { DatabaseEvent, SharedDatabase } from './shared-database.ts'
import { SqliteStore } from './store.ts'

const SERVICE = new URL(`./service${extname(import.meta.url)}`, import.meta.url)

/** Provides `Store`, `Counters`, `Cache` and `Journal`. */
export const sqliteStore = definePlugin({
  name: 'store-sqlite',
  version: '0.1.0',
  api: 1,
  provides: [Store, Counters, Cache, Journal],
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  async setup(context) {
    const { data, options, log, provide, onClose } = context
    const file = resolve(options.file ?? join(data, 'sluice.db'))
    // The file alone makes the service: a reload with other settings goes on with the same one.
    const use = await shareService<SharedDatabase>(context, SERVICE, { file })
    const { service, peer } = use
    await service.configure(settingsOf(options))
    const reader = new PointReader(file)
    onClose(() => reader.close())

    const store = new SqliteStore(service, reader, log)
    use.onEvent((event) => hear(event as DatabaseEvent, store, log))
    provide(Store, store)
    provide(Counters, sharedCounters(new SqliteCounters(service, peer), context))
    provide(Cache, new SqliteCache(service, reader))
    provide(Journal, new SqliteJournal(service, reader))
  },
})

function hear(event: DatabaseEvent, store: SqliteStore, log: Logger): void {
  if (event.type === 'changed') store.changed(event.collection, event.id)
  else if (event.type === 'recovered') log.info('the database takes writes again')
  else log.error({ reason: event.text }, 'the database takes no writes')
}
