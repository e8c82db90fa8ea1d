import { exchangeKey } from '@sluice/core'
import type { Exchange, Target } from '@sluice/core'

/** Takes down why targets were chosen. `plugin` is the id of the instance that decided. */
export interface Explanation {
  /** The target may not serve this exchange. */
  excluded(target: Target, plugin: string, reason: string): void
  /** What the target's place was decided by, in the strategy's own unit; `words` say what that is. */
  scored(target: Target, plugin: string, score: number, words: string): void
  /** The order in which the plugin left the targets. */
  ordered(plugin: string, targets: readonly Target[]): void
  note(plugin: string, text: string): void
}

/** Set before `beforeRoute` by whoever wants to know. */
export const EXPLANATION = exchangeKey<Explanation>('route-kit/explanation')

/** Where reasons go; undefined if nobody asked, as for nearly every exchange: then none should be made up. */
export function why(exchange: Exchange): Explanation | undefined {
  return exchange.get(EXPLANATION)
}
