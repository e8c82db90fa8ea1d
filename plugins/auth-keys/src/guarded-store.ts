import { GatewayError } from '@sluice/core'
import type { ErrorCode } from '@sluice/core'
import { Guard } from '@sluice/store-kit'
import type { Store } from '@sluice/store-kit'

/** What says nothing about the health of a store. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['conflict', 'invalid_request', 'request_too_large'])

/**
 * The store with a deadline for each call (`timeout`, milliseconds). What goes wrong in it is `overloaded`, and when
 * too much does, it is left alone for a moment.
 */
export function guarded(store: Store, timeout: number): Store {
  const isTrouble = (error: unknown): boolean => !GatewayError.is(error) || !REFUSALS.has(error.code)
  const guard = new Guard({ name: 'the store of keys', deadline: timeout, isTrouble })
  return {
    get: (...given) => guard.run(() => store.get(...given)),
    find: (...given) => guard.run(() => store.find(...given)),
    put: (...given) => guard.run(() => store.put(...given)),
    delete: (...given) => guard.run(() => store.delete(...given)),
    list: (...given) => guard.run(() => store.list(...given)),
    watch: (...given) => store.watch(...given),
  }
}
