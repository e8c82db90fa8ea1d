/** How much to think, for requests of other dialects: each vendor knows other efforts. */
import type { ChatRequest, Reasoning } from '@sluice/core'
import { fitClaudeThinking } from '@sluice/dialect-kit'
import type { ClaudeAbilities } from '@sluice/dialect-kit'
import type { Family } from './families.ts'
import type { Drop } from './fit.ts'

/** Other efforts by the nearest that models with three levels have. */
const LEVELS: ReadonlyMap<string, string> = new Map([
  ['minimal', 'low'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'high'],
  ['max', 'high'],
])

/** Most tokens of thinking that an effort covers. */
const BUDGETS = [
  ['low', 1024],
  ['medium', 8192],
] as const

/** @returns undefined if the model is not to be told anything of thinking */
export function fitReasoning(
  request: ChatRequest,
  family: Family,
  abilities: ClaudeAbilities,
  drop: Drop,
): Reasoning | undefined {
  const { reasoning } = request
  if (reasoning === undefined) return undefined
  if (family.isClaude) return fitClaudeThinking(request, abilities, drop)
  const effort = effortOf(reasoning)
  if (effort === undefined || (family.reasoning === undefined && effort === 'none')) return undefined
  const known = family.reasoning && levelFor(effort, family)
  if (known !== effort && !(known && effort === 'minimal'))
    drop(
      'reasoning',
      known ? `${family.name} knows no effort "${effort}"; "${known}" it is` : `${family.name} has no such parameter`,
    )
  if (known === undefined) return undefined
  const { summary } = reasoning
  if (summary === undefined || family.reasoning === 'openai')
    return { effort: known, ...(summary !== undefined && { summary }) }
  drop('reasoning.summary', `${family.name} has no such parameter`)
  return { effort: known }
}

function effortOf({ effort, budgetTokens, adaptive }: Reasoning): string | undefined {
  if (effort !== undefined) return effort
  if (budgetTokens === 0) return 'none'
  if (budgetTokens !== undefined) return BUDGETS.find(([, most]) => budgetTokens <= most)?.[0] ?? 'high'
  return adaptive ? 'medium' : undefined
}

/** Undefined for an effort that nobody knows. */
function levelFor(effort: string, { reasoning }: Family): string | undefined {
  if (reasoning === 'openai') return effort === 'minimal' ? 'low' : effort
  if (effort === 'none') return reasoning === 'nova' ? 'none' : 'low'
  return LEVELS.get(effort)
}
