/** `thinkingConfig` in both directions; `fit-thinking.ts` chooses its form for requests of other dialects. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, Reasoning } from '@sluice/core'
import { defined, optionalBoolean, optionalNumber, optionalObject, optionalString } from '@sluice/dialect-kit'
import { keep, restore, spellingOf } from '../extensions.ts'
import { camelCased } from './camel.ts'

const FIELDS = new Set(['includeThoughts', 'thinkingBudget', 'thinkingLevel'])
const LEVELS = new Set(['minimal', 'low', 'medium', 'high'])

/** Undefined if nothing is said of thinking, or both a budget and a level, which the API refuses. */
export function decodeThinking(config: JsonObject): Reasoning | undefined {
  const wire = optionalObject(config, 'thinkingConfig', 'generationConfig.')
  if (wire === undefined) return undefined
  const at = 'generationConfig.thinkingConfig.'
  const thinking = camelCased(wire, FIELDS, at)
  const budget = optionalNumber(thinking, 'thinkingBudget', at)
  const level = optionalString(thinking, 'thinkingLevel', at)
  const isShown = optionalBoolean(thinking, 'includeThoughts', at)
  if (budget !== undefined && budget < -1)
    throw invalidRequest(`"${at}thinkingBudget" must be -1, 0 or more.`, `${at}thinkingBudget`)
  if (budget !== undefined && level !== undefined) return undefined
  const effort = level?.toLowerCase()
  const isLevel = effort !== undefined && LEVELS.has(effort)
  const known = isLevel ? FIELDS : new Set([...FIELDS].filter((field) => field !== 'thinkingLevel'))
  return {
    ...(budget !== undefined && amountOf(budget)),
    ...(isLevel && { effort }),
    ...(isShown && { summary: 'auto' }),
    // Not to show thoughts is what holds anyway.
    ...keep(thinking, known, defined({ level: isLevel ? level : undefined, includeThoughts: isShown })),
  }
}

function amountOf(budget: number): Reasoning {
  if (budget === 0) return { effort: 'none' }
  return budget === -1 ? { adaptive: true } : { budgetTokens: budget }
}

export function encodeThinking(reasoning: Reasoning): JsonObject {
  const { effort, budgetTokens, adaptive, summary } = reasoning
  const { level, includeThoughts } = spellingOf(reasoning)
  const thinking = restore(reasoning)
  if (effort === 'none') thinking.thinkingBudget = 0
  else if (budgetTokens !== undefined) thinking.thinkingBudget = budgetTokens
  else if (effort !== undefined) {
    const upper = effort.toUpperCase()
    thinking.thinkingLevel = typeof level === 'string' && level.toUpperCase() === upper ? level : upper
  } else if (adaptive) thinking.thinkingBudget = -1
  if (summary !== undefined) thinking.includeThoughts = summary !== 'omitted'
  else if (includeThoughts !== undefined) thinking.includeThoughts = includeThoughts
  return thinking
}
