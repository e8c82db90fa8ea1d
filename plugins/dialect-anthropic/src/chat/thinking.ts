/** `thinking` in both directions. */
import type { JsonObject, Reasoning } from '@sluice/core'
import { claudeSummaryOf, claudeThinking, optionalNumber, optionalObject } from '@sluice/dialect-kit'
import { extended, kept } from '../extensions.ts'

/** Undefined if there is no `thinking`, or of a kind that only Anthropic knows. */
export function decodeThinking(body: JsonObject): Reasoning | undefined {
  const thinking = optionalObject(body, 'thinking')
  if (thinking === undefined) return undefined
  const { type, budget_tokens: _, display, ...others } = thinking
  const depth = depthOf(type, optionalNumber(thinking, 'budget_tokens', 'thinking.'))
  if (depth === undefined) return undefined
  const summary = claudeSummaryOf(display)
  if (display !== undefined && summary === undefined) others.display = display
  return {
    ...depth,
    ...(summary !== undefined && { summary }),
    ...extended(Object.keys(others).length > 0 ? others : undefined),
  }
}

function depthOf(type: unknown, budgetTokens: number | undefined): Reasoning | undefined {
  if (type === 'enabled') return budgetTokens === undefined ? undefined : { budgetTokens }
  if (budgetTokens !== undefined) return undefined
  if (type === 'adaptive') return { adaptive: true }
  return type === 'disabled' ? { effort: 'none' } : undefined
}

/** Undefined if nothing is said of thinking itself, but at most an effort. */
export function encodeThinking(reasoning: Reasoning): JsonObject | undefined {
  const field = claudeThinking(reasoning)
  return field && { ...kept(reasoning), ...field }
}
