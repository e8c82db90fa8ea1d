/** How much to think: these APIs know words for it and no budget. */
import type { Reasoning } from '@sluice/core'

/** Thinking tokens up to which a budget still is this effort; above them all it is `high`. */
const EFFORTS = [
  [0, 'none'],
  [2048, 'low'],
  [8192, 'medium'],
] as const

/**
 * The word for it; undefined leaves it to the model.
 * @param own whether the request came in this dialect: then the word is the client's business
 */
export function effortOf({ effort, budgetTokens }: Reasoning, own: boolean): string | undefined {
  // Anthropic's word for more than high.
  if (effort !== undefined) return effort === 'max' && !own ? 'xhigh' : effort
  if (budgetTokens === undefined) return undefined
  return EFFORTS.find(([budget]) => budgetTokens <= budget)?.[1] ?? 'high'
}
