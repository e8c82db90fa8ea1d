import type { Target, Usage } from '@sluice/core'
import type { Prices } from '@sluice/usage-kit'

/** US dollars for a million tokens. */
export type UnitPrice = { prompt: number; completion: number }

/** Few enough for the lowest tier, enough for an exact price in whole nano-dollars. */
const SAMPLE = 1000

/** What text costs at a target if the input has so many tokens; undefined if nobody knows. */
export function unitPrice(target: Target, inputTokens: number, prices: Prices | undefined): UnitPrice | undefined {
  const quote = prices?.quote(target)
  if (!quote) return priceInConfig(target)
  const input = Math.max(inputTokens, SAMPLE)
  const asked = quote.cost(usage(input, 0))
  const answered = quote.cost(usage(input, SAMPLE))
  if (!asked || !answered) return priceInConfig(target)
  // In this order whole prices stay whole, so that a limit of 3 lets a price of 3 pass.
  const dollars = (nanoUsd: number, tokens: number): number => nanoUsd / tokens / 1000
  return { prompt: dollars(asked.nanoUsd, input), completion: dollars(answered.nanoUsd - asked.nanoUsd, SAMPLE) }
}

function priceInConfig({ about = {} }: Target): UnitPrice | undefined {
  const { inputPrice, outputPrice } = about
  if (inputPrice === undefined && outputPrice === undefined) return undefined
  return { prompt: inputPrice ?? 0, completion: outputPrice ?? 0 }
}

function usage(input: number, output: number): Usage {
  return { input: { total: input, cacheRead: 0, cacheWrite: 0 }, output: { total: output, reasoning: 0 } }
}
