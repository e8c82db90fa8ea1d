import { compileWhen } from '@sluice/core'
import type { Exchange, GatewayInspection, HookName, TapInfo, When } from '@sluice/core'

/** A tap; `hook` is where. */
export type AppliedTap = TapInfo & { hook: string }

/** What comes before the first call of a target, in the order of life. */
const BEFORE: readonly HookName[] = ['authorize', 'transformRequest', 'lookup', 'admit', 'beforeRoute']

/**
 * The taps that had their turn, in order: of instances whose `when` lets the exchange in, up to the one that refused.
 * A `when` with a predicate counts as holding, for what else it says.
 * @param except id of an instance whose taps are left out
 */
export function appliedTaps({ hooks, plugins }: GatewayInspection, exchange: Exchange, except: string): AppliedTap[] {
  const applies = new Map(plugins.map(({ id, when }) => [id, id !== except && holds(when, exchange)]))
  const refusal = exchange.error
  const taps = BEFORE.filter((hook) => exchange.timings?.has(hook)).flatMap((hook) =>
    hooks[hook].filter(({ plugin }) => applies.get(plugin)).map((tap): AppliedTap => ({ hook, ...tap })),
  )
  const last = taps.findLastIndex(({ hook, plugin }) => hook === refusal?.hook && plugin === refusal.plugin)
  return last < 0 ? taps : taps.slice(0, last + 1)
}

/** As `inspect` shows it: functions are gone. */
function holds(when: unknown, exchange: Exchange): boolean {
  if (when === null) return true
  const { predicate: _, ...rest } = when as When
  return compileWhen(rest)!(exchange)
}
