/** Claude's field `thinking` (https://platform.claude.com/docs/en/build-with-claude/extended-thinking), on all its hosts. */
import type { JsonObject, Reasoning } from '@sluice/core'

const SUMMARIES: ReadonlyMap<unknown, string> = new Map([
  ['summarized', 'auto'],
  ['omitted', 'omitted'],
])

/** The `summary` that a `display` says; undefined if it is none that is known. */
export function claudeSummaryOf(display: unknown): string | undefined {
  return SUMMARIES.get(display)
}

/** The field; undefined if nothing is said of thinking itself, but at most an effort. */
export function claudeThinking({ effort, budgetTokens, adaptive, summary }: Reasoning): JsonObject | undefined {
  const display = summary === undefined ? {} : { display: summary === 'omitted' ? 'omitted' : 'summarized' }
  if (effort === 'none') return { ...display, type: 'disabled' }
  if (budgetTokens !== undefined) return { ...display, type: 'enabled', budget_tokens: budgetTokens }
  return adaptive ? { ...display, type: 'adaptive' } : undefined
}
