import { exchangeKey } from '@sluice/core'
import type { Exchange } from '@sluice/core'

/** Integer billionths of a US dollar. */
export type NanoUsd = number

/** What an exchange cost. */
export interface Cost {
  nanoUsd: NanoUsd
  /** Where the price came from, e.g. `config` or `genai-prices 0.1.8`. */
  source: string
  /** Nano-dollars for each kind of token, in terms of a million tokens (or of a request, search, second …). */
  rates: { readonly [kind: string]: NanoUsd }
}

/** Set in `onUsage`; null if nobody knows a price, absent if nothing was served by a model. */
export const COST = exchangeKey<Cost | null>('usage-kit/cost')

export function costOf(exchange: Exchange): Cost | null | undefined {
  return exchange.get(COST)
}
