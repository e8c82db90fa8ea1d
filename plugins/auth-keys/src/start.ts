/** What happens before the gateway listens. */
import { setTimeout as delay } from 'node:timers/promises'
import { GatewayError } from '@sluice/core'
import type { Announcement, Logger } from '@sluice/core'
import { makeFirstKeys } from './first-keys.ts'
import type { FirstKeys } from './first-keys.ts'
import type { KeySync } from './key-sync.ts'
import type { KeyTable } from './key-table.ts'
import { checkPepper } from './pepper.ts'

export interface Start extends FirstKeys {
  sync: KeySync
  table: KeyTable
  log: Logger
  /** Milliseconds to wait for all keys. */
  loadTimeout: number
  wantsFirstKeys: boolean
  announce: (announcement: Announcement) => void
}

/**
 * Checks the pepper, reads the keys, and makes the first ones. A store that is out of reach does not keep the gateway
 * from starting: it is read when it is back. @throws GatewayError `config_invalid` for the wrong pepper
 */
export async function start(context: Start): Promise<void> {
  const { store, hasher, sync, table, log, loadTimeout, wantsFirstKeys, announce } = context
  const loaded = sync.start().then(
    () => true,
    () => false, // it has said so, and tries again
  )
  try {
    await checkPepper(store, hasher)
    const isWhole = await Promise.race([loaded, delay(loadTimeout, undefined, { ref: false })])
    if (isWhole === undefined)
      log.warn({ keys: table.size }, 'not all keys are read yet; the others are when they are used')
    if (!isWhole || !wantsFirstKeys || table.size > 0) return
    const announcement = await makeFirstKeys(context)
    if (announcement) announce(announcement)
  } catch (error) {
    if (GatewayError.is(error) && error.code === 'config_invalid') throw error
    log.error({ err: error }, 'the store of keys is out of reach at the start')
  }
}
