/** `@sluice/store-postgres`: records, counters and journals that all replicas share, in PostgreSQL. */
import { definePlugin, describe, milliseconds, Type } from '@sluice/core'
import { ChunkedCounters, Counters, Journal, LeasedCounters, Store } from '@sluice/store-kit'
import { addressOf } from './address.ts'
import { Changes } from './changes.ts'
import { PostgresLink } from './link.ts'
import { Options } from './options.ts'
import { PostgresCounters } from './postgres-counters.ts'
import { PostgresJournal } from './postgres-journal.ts'
import { PostgresStore } from './postgres-store.ts'
import { Schema } from './schema.ts'
import { Sweeper } from './sweeper.ts'

/** Milliseconds: what a process held that died is back within a minute. */
const LEASE_LIFE = 45_000
const RENEWAL_INTERVAL = 13_000
const SWEEP_INTERVAL = 60_000
/** Connections for calls that go through many rows. */
const LONG_POOL = 2

/** Provides `Store`, `Counters` and `Journal`. */
export const postgresStore = definePlugin({
  name: 'store-postgres',
  version: '0.1.0',
  api: 1,
  provides: [Store, Counters, Journal],
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  async setup({ options, log, provide, onClose }) {
    const { about, ...address } = addressOf(options)
    const { schema = 'sluice', poolSize = 10, required: isRequired = true } = options
    const deadline = milliseconds(options.deadline ?? '2s')
    const longDeadline = milliseconds(options.longDeadline ?? '8s')
    const connectTimeout = milliseconds(options.connectTimeout ?? '2s')

    const tables = new Schema({ address, about, schema, deadline: longDeadline, connectTimeout })
    if (isRequired) await tables.boot()
    const prepare = (): Promise<void> | undefined => tables.prepare()
    const link = new PostgresLink({ address, schema, poolSize, deadline }, log, prepare)
    onClose(() => link.close())
    const long = new PostgresLink({ address, schema, poolSize: LONG_POOL, deadline: longDeadline }, log, prepare)
    onClose(() => long.close())

    const changes = new Changes(address, schema, deadline, log)
    onClose(() => changes.close())
    const listening = changes.start(connectTimeout)
    if (isRequired) await listening
    else listening.catch(() => undefined) // It goes on trying.
    const onError = (error: unknown): void => log.warn({ reason: describe(error) }, 'upkeep of PostgreSQL failed')
    const server = new PostgresCounters(link, LEASE_LIFE)
    const leased = new LeasedCounters({ server, interval: RENEWAL_INTERVAL, onError })
    onClose(() => leased.close())
    const counters = new ChunkedCounters(leased, onError)
    onClose(() => counters.close())
    const sweeper = new Sweeper(long, SWEEP_INTERVAL, onError)
    onClose(() => sweeper.close())

    provide(Store, new PostgresStore(link, changes))
    provide(Counters, counters)
    provide(Journal, new PostgresJournal(link, long))
  },
})
