import type { JsonObject, Usage } from '@sluice/core'
import type { NanoUsd } from '@sluice/usage-kit'

/** More than any answer costs, and few enough to count exactly. */
const MOST = 1e6

/**
 * What the provider says that the answer cost: OpenRouter's `cost` in dollars, Perplexity's `cost.total_cost`, xAI's
 * `cost_in_usd_ticks` of a ten-billionth of a dollar.
 */
export function reportedCost({ raw }: Usage): NanoUsd | undefined {
  if (raw === undefined) return undefined
  const { cost, cost_in_usd_ticks: ticks } = raw
  const total = typeof cost === 'object' && cost !== null ? (cost as JsonObject)['total_cost'] : cost
  const dollars = typeof total === 'number' ? total : typeof ticks === 'number' ? ticks / 1e10 : undefined
  return dollars !== undefined && dollars >= 0 && dollars < MOST ? Math.floor(dollars * 1e9 + 0.5) : undefined
}
