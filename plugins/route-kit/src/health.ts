import { capability } from '@sluice/core'
import type { Target } from '@sluice/core'

/** `open`: calls of the target are given up for now. `until`: when one is tried again, on the clock of `RouteClock`. */
export type HealthState = { readonly open: boolean; readonly reason?: string; readonly until?: number }

/** Who knows which targets are out of order. */
export interface Health {
  /** Quick, and without a new object where nothing is wrong: it is asked for each target of each exchange. */
  state(target: Target): HealthState
}

/** Named by plugins in `uses`. */
export const Health = capability<Health>('Health', { plugins: ['route-resilience'] })
