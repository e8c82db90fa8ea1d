/** How much Claude shall think, for requests of other dialects: they know other efforts and other bounds. */
import type { ChatRequest, Message, Reasoning, RequestContext } from '@sluice/core'
import type { ClaudeAbilities } from './models.ts'

type Drop = RequestContext['drop']

/** Thinking tokens by effort, for models that take a budget. */
const BUDGETS: { readonly [effort: string]: number } = {
  minimal: 1024,
  low: 1024,
  medium: 4096,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
}
const MIN_BUDGET = 1024
/** Efforts by name, for models that decide themselves. */
const EFFORTS: { readonly [effort: string]: string } = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'max',
}

/** @returns undefined if the model is not to be told anything of thinking */
export function fitClaudeThinking(request: ChatRequest, abilities: ClaudeAbilities, drop: Drop): Reasoning | undefined {
  const wanted = request.reasoning && chooseForm(request.reasoning, abilities, drop)
  if (wanted === undefined || wanted.effort === 'none') return wanted
  const choice = request.toolChoice?.type
  if (choice === 'required' || choice === 'tool') {
    drop('reasoning', 'Claude cannot think when a tool is forced')
    return undefined
  }
  if (wanted.budgetTokens !== undefined && !mayClaudeThink(request.messages)) {
    drop(
      'reasoning',
      'Claude cannot begin to think within a turn; the last one of the assistant has no thinking of its own',
    )
    return undefined
  }
  return wanted
}

function chooseForm(reasoning: Reasoning, { adaptive, budget }: ClaudeAbilities, drop: Drop): Reasoning | undefined {
  const { effort, budgetTokens, summary } = reasoning
  if (effort === 'none' || budgetTokens === 0) return { effort: 'none' }
  if (effort !== undefined && !Object.hasOwn(BUDGETS, effort)) drop('reasoning', `Claude knows no effort "${effort}"`)
  const tokens = budgetTokens ?? lookUp(BUDGETS, effort)
  if (tokens === undefined && !reasoning.adaptive) {
    if (summary !== undefined) drop('reasoning.summary', 'Claude was not asked to think')
    return undefined
  }

  const visible = summary === undefined ? {} : { summary }
  if (adaptive && (reasoning.adaptive || !budget)) {
    const level = lookUp(EFFORTS, effort) ?? (budgetTokens === undefined ? undefined : effortFor(budgetTokens))
    return { adaptive: true, ...visible, ...(level !== undefined && { effort: level }) }
  }
  if (tokens !== undefined && tokens < MIN_BUDGET)
    drop('reasoning', `the budget was raised to ${MIN_BUDGET} tokens, the least that Claude takes`)
  return { budgetTokens: Math.max(MIN_BUDGET, tokens ?? BUDGETS.medium!), ...visible }
}

function lookUp<T>(table: { readonly [key: string]: T }, key: string | undefined): T | undefined {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined
}

/** The least effort whose budget is enough. */
function effortFor(tokens: number): string {
  return ['low', 'medium', 'high'].find((effort) => BUDGETS[effort]! >= tokens) ?? 'xhigh'
}

/** With a budget, Claude insists that the turn which called tools, or is to be continued, begins with its thinking. */
export function mayClaudeThink(messages: readonly Message[]): boolean {
  const end = messages.findLastIndex((message) => message.role === 'assistant')
  if (end === -1) return true
  let start = end
  while (messages[start - 1]?.role === 'assistant') start--
  const turn = messages.slice(start, end + 1).flatMap((message) => message.parts)
  const unfinished = end === messages.length - 1 || turn.some((part) => part.type === 'tool-call')
  return !unfinished || turn[0]?.type === 'reasoning'
}
