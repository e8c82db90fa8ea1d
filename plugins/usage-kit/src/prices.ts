import { capability } from '@sluice/core'
import type { Exchange, Target, Usage } from '@sluice/core'
import type { Cost, NanoUsd } from './cost.ts'

/** The price of one target. */
export interface Quote {
  /**
   * What this usage costs, to the nano-dollar; null if some of it has no price, as searches where only tokens have
   * one. A usage that contradicts itself is cut down, and reported in the log of `exchange`.
   */
  cost(usage: Usage, exchange?: Exchange): Cost | null
  /** What input and output of at most these tokens cost at most, whatever of it comes from a cache. */
  most(inputTokens: number, outputTokens: number): NanoUsd
}

/** Who knows what targets cost. */
export interface Prices {
  /** Undefined if the price is unknown: it is then reported as null, never as 0. Quick: remembered by target. */
  quote(target: Target): Quote | undefined
}

/** Named by plugins in `requires` or `uses`. */
export const Prices = capability<Prices>('Prices', { plugins: ['usage-prices'] })
