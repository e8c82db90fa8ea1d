/** How much Gemini shall think, for requests of other dialects: they know other efforts and other bounds. */
import type { Reasoning, RequestContext } from '@sluice/core'
import { defined } from '@sluice/dialect-kit'
import type { ThinkingRange } from './models.ts'

type Drop = RequestContext['drop']

/** Thinking tokens by effort, as Google's own translation of OpenAI's parameter has them (https://ai.google.dev/gemini-api/docs/openai). */
const BUDGETS: ReadonlyMap<string, number> = new Map([
  ['minimal', 1024],
  ['low', 1024],
  ['medium', 8192],
  ['high', 24_576],
  ['xhigh', 32_768],
  ['max', 32_768],
])
const LEVELS: ReadonlyMap<string, string> = new Map([
  ['minimal', 'minimal'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'high'],
  ['max', 'high'],
])

/**
 * In the form that the model takes. Who wants it to think also wants to see the thoughts, unless he says otherwise.
 * @returns undefined if the model is not to be told anything of thinking
 */
export function fitThinking(reasoning: Reasoning, range: ThinkingRange | undefined, drop: Drop): Reasoning | undefined {
  const { effort, budgetTokens, adaptive } = reasoning
  const stops = effort === 'none' || budgetTokens === 0
  if (range === undefined) {
    if (!stops) drop('reasoning', 'this model does not think')
    return undefined
  }
  if (effort !== undefined && effort !== 'none' && !LEVELS.has(effort))
    drop('reasoning', `Gemini knows no effort "${effort}"`)
  const amount =
    range.by === 'level' ? levelFor(reasoning, stops, range.least, drop) : budgetFor(reasoning, stops, range, drop)
  const isAsked = amount !== undefined || adaptive === true || reasoning.summary !== undefined
  if (!isAsked) return undefined
  const summary = stops ? undefined : (reasoning.summary ?? 'auto')
  return defined<Reasoning>({ ...amount, summary })
}

function levelFor(
  { effort, budgetTokens }: Reasoning,
  stops: boolean,
  least: string,
  drop: Drop,
): Reasoning | undefined {
  const wanted = stops
    ? 'minimal'
    : (LEVELS.get(effort ?? '') ?? (budgetTokens === undefined ? undefined : coveringLevel(budgetTokens)))
  if (stops) drop('reasoning', `this model always thinks; its least level is ${least}`)
  else if (wanted === 'minimal' && least === 'low') drop('reasoning', 'raised to low, the least level of this model')
  if (wanted === undefined) return undefined
  return { effort: wanted === 'minimal' ? least : wanted }
}

/** The least level whose budget is enough. */
function coveringLevel(tokens: number): string {
  return ['low', 'medium'].find((level) => BUDGETS.get(level)! >= tokens) ?? 'high'
}

function budgetFor(
  { effort, budgetTokens, adaptive }: Reasoning,
  stops: boolean,
  range: ThinkingRange & { by: 'budget' },
  drop: Drop,
): Reasoning | undefined {
  if (stops && range.stops) return { effort: 'none' }
  const wanted = stops ? 0 : (budgetTokens ?? BUDGETS.get(effort ?? ''))
  if (wanted === undefined) return adaptive ? { adaptive } : undefined
  const tokens = Math.min(range.most, Math.max(range.least, wanted))
  // A limit that was made up from a word may be changed without a report.
  if (tokens !== wanted && (stops || budgetTokens !== undefined))
    drop('reasoning', `the budget became ${tokens} tokens: this model takes ${range.least} to ${range.most}`)
  return { budgetTokens: tokens }
}
