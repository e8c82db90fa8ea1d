/** `thinking` in both directions. */
import type { JsonObject, Reasoning, RequestContext } from '@sluice/core'
import { optionalNumber, optionalObject } from '@sluice/dialect-kit'
import { keep, restore } from '../extensions.ts'

const FIELDS = new Set(['type', 'token_budget'])

/** Thinking tokens by effort. From `high` on there is no budget: the model thinks as long as it likes. */
const BUDGETS: ReadonlyMap<string, number | undefined> = new Map([
  ['minimal', 1024],
  ['low', 1024],
  ['medium', 4096],
  ['high', undefined],
  ['xhigh', undefined],
  ['max', undefined],
])

/** Undefined if there is no `thinking`, or of a kind that only Cohere knows. */
export function decodeThinking(body: JsonObject): Reasoning | undefined {
  const thinking = optionalObject(body, 'thinking')
  if (thinking === undefined) return undefined
  const depth = depthOf(thinking.type, optionalNumber(thinking, 'token_budget', 'thinking.'))
  return depth && { ...depth, ...keep(thinking, FIELDS) }
}

function depthOf(type: unknown, budgetTokens: number | undefined): Reasoning | undefined {
  if (type === 'enabled') return budgetTokens === undefined ? { adaptive: true } : { budgetTokens }
  return type === 'disabled' && budgetTokens === undefined ? { effort: 'none' } : undefined
}

/** Undefined if nothing is said of thinking. */
export function encodeThinking(reasoning: Reasoning, drop: RequestContext['drop']): JsonObject | undefined {
  const { effort, budgetTokens, adaptive } = reasoning
  const more = restore(reasoning)
  if (reasoning.summary === 'omitted') drop('reasoning.summary', 'Cohere always shows its thinking')
  if (effort === 'none' || budgetTokens === 0) return { ...more, type: 'disabled' }
  const isKnown = effort !== undefined && BUDGETS.has(effort)
  if (effort !== undefined && !isKnown) drop('reasoning', `Cohere knows no effort "${effort}"`)
  const budget = budgetTokens ?? (isKnown ? BUDGETS.get(effort) : undefined)
  if (budget !== undefined) return { ...more, type: 'enabled', token_budget: budget }
  return isKnown || adaptive ? { ...more, type: 'enabled' } : undefined
}
