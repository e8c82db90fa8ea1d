/** `@sluice/usage-ledger`: one row for each exchange. */
import { join } from 'node:path'
import { Audit } from '@sluice/admin-kit'
import { bytes, definePlugin, GatewayError, milliseconds, Type } from '@sluice/core'
import type { Exchange } from '@sluice/core'
import { Journal, Store } from '@sluice/store-kit'
import { Ledger, Prices } from '@sluice/usage-kit'
import { begunOf, HEAD } from './begun.ts'
import { Courier } from './courier.ts'
import { mountGeneration } from './generation.ts'
import { Options } from './options.ts'
import { Orphans } from './orphans.ts'
import { leftDirectory, ownDirectory } from './owner.ts'
import { OwnLedger } from './own-ledger.ts'
import { headOf, rowOf } from './row.ts'
import { Spool } from './spool.ts'
import { mountUsage } from './usage-routes.ts'
import { writable } from './writable.ts'

/** Provides `Ledger`. */
export const ledger = definePlugin({
  name: 'usage-ledger',
  version: '0.1.0',
  api: 1,
  requires: [Journal, Store],
  uses: [Prices, Audit],
  provides: [Ledger],
  countsUsage: true,
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  setup({ data, options, hooks, get, find, provide, router, log, onClose }) {
    const base = writable(options.spool ?? join(data, 'spool'))
    const journal = get(Journal)
    const own = ownDirectory(base)
    const dropWhenFull = options.whenFull === 'drop'
    const spool = new Spool(own, { limit: bytes(options.spoolLimit ?? '256mb'), dropWhenFull }, log)
    const courier = new Courier(spool, journal, milliseconds(options.interval ?? '100ms'), log)
    const orphans = new Orphans({ base, journal, prices: find(Prices), log }, own)
    const service = new OwnLedger(journal, courier)
    provide(Ledger, service)

    const { ip = false, metadata = [], unauthenticated = true } = options
    const form = { ip, metadata }
    const isUse = ({ operation, error }: Exchange): boolean =>
      operation !== 'operator' && operation !== 'models' && (unauthenticated || error?.code !== 'invalid_api_key')

    if (!dropWhenFull) {
      hooks.admit.tap('room', () => {
        if (!spool.isFull) return
        throw new GatewayError('overloaded', 'What is used cannot be written down at present.', { retryAfter: 5 })
      })
    }
    hooks.beforeAttempt.tap({ name: 'begin', stage: 'last' }, (attempt, exchange) => {
      if (!exchange.get(HEAD)) spool.begin(begunOf(attempt, exchange, form))
    })
    hooks.onComplete.tap({ name: 'row', when: isUse }, (exchange) => {
      spool.end(rowOf(exchange, exchange.get(HEAD) ?? headOf(exchange, form)))
      courier.wake()
    })
    hooks.ready.tap('orphans', () => orphans.start())

    mountGeneration(router, service)
    mountUsage({ router, store: get(Store), audit: find(Audit) }, service, metadata)

    process.on('exit', spool.flush)
    onClose(async () => {
      process.off('exit', spool.flush)
      await Promise.all([courier.close(), orphans.close()])
      spool.close(leftDirectory(base))
    })
  },
})
