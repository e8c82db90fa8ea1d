import type { PluginHooks } from '@sluice/core'
import { LoadGuard } from './load-guard.ts'
import { watchLoop } from './loop-lag.ts'
import type { Options } from './options.ts'
import { loadLimitsOf } from './settings.ts'

/** Has a guard look at every request: before the body is read, and again when it is known whose it is. */
export function shed(
  hooks: PluginHooks,
  shedding: NonNullable<Options['shedding']>,
  onClose: (dispose: () => void) => void,
): void {
  const guard = new LoadGuard(loadLimitsOf(shedding))
  if (shedding.lag !== undefined) onClose(watchLoop((lag) => guard.sample(lag)))
  hooks.onRequest.tap({ name: 'load', stage: 'first' }, (exchange) => {
    guard.enter(exchange)
    return undefined
  })
  hooks.authorize.tap({ name: 'load', stage: 'early' }, (exchange) => guard.check(exchange))
  hooks.onComplete.tap('load', (exchange) => guard.leave(exchange))
}
