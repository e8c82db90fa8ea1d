import { exchangeKey } from '@sluice/core'
import type { Exchange } from '@sluice/core'
import { BY_STEPS, stepsOf } from './steps.ts'

/** Integer billionths of a US dollar. */
export type NanoUsd = number

/** What an exchange cost. */
export interface Cost {
  nanoUsd: NanoUsd
  /** Where the price came from, e.g. `config`, `genai-prices 0.1.8`, or `reported` by who answered. */
  source: string
  /** Nano-dollars for a million of each kind: of tokens, requests, searches, seconds. */
  rates: { readonly [kind: string]: NanoUsd }
  /** Set if the usage contradicted itself: what was too much of it has been left out. */
  clamped?: true
}

/** Set in `onUsage`; null if nobody knows a price, absent if nothing was answered. */
export const COST = exchangeKey<Cost | null>('usage-kit/cost')

/** Nothing for an exchange that consists of others, which are charged themselves. */
export function costOf(exchange: Exchange): Cost | null | undefined {
  return stepsOf(exchange) ? BY_STEPS : exchange.get(COST)
}

/** For people and for clients; sums are made of nano-dollars. */
export function dollars(nanoUsd: NanoUsd): number {
  return nanoUsd / 1e9
}
