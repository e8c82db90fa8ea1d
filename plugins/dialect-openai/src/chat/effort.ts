/** How much to think: this API knows words for it and no budget. */
import type { Reasoning } from '@sluice/core'
import type { Drops } from './drops.ts'

/** Thinking tokens up to which a budget still is this effort; above them all it is `high`. */
const EFFORTS = [
  [0, 'none'],
  [2048, 'low'],
  [8192, 'medium'],
] as const

/** `reasoning_effort`; undefined leaves it to the model. */
export function encodeEffort(reasoning: Reasoning, drops: Drops): string | undefined {
  const { effort, budgetTokens, summary } = reasoning
  drops.addForeign(reasoning.extensions, 'reasoning.')
  if (summary !== undefined) drops.add('reasoning.summary', 'this API shows no summary of the thinking')
  if (effort !== undefined) return effort
  if (budgetTokens === undefined) return undefined
  return EFFORTS.find(([budget]) => budgetTokens <= budget)?.[1] ?? 'high'
}
