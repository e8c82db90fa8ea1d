/** What answers other than chat say of their cost, in both directions: `meta`. */
import type { JsonObject, Usage } from '@sluice/core'
import { countOf, objectOf } from '@sluice/dialect-kit'

/**
 * As for chat, what is billed counts; image tokens stand beside the others. Searches are no tokens: they
 * are in `raw` only.
 * @returns undefined if nothing is counted
 */
export function decodeMeta(meta: JsonObject): Usage | undefined {
  const billed = objectOf(meta.billed_units)
  const seen = objectOf(meta.tokens)
  if (!isCounted(billed) && !isCounted(seen)) return undefined
  const image = countOf(billed?.image_tokens)
  const text = countOf(billed?.input_tokens ?? (billed?.search_units === undefined ? seen?.input_tokens : 0))
  return {
    input: { total: text + image, cacheRead: 0, cacheWrite: 0, ...(image > 0 && { image }) },
    output: { total: countOf(billed?.output_tokens), reasoning: 0 },
    raw: meta,
  }
}

function isCounted(counts: JsonObject | undefined): boolean {
  return counts !== undefined && Object.values(counts).some((count) => typeof count === 'number')
}

/** For an answer of another provider, whose tokens all count as billed. */
export function encodeMeta(usage: Usage | undefined): JsonObject {
  const meta = { api_version: { version: '2' } }
  if (usage === undefined) return meta
  const { total, image = 0 } = usage.input
  return { ...meta, billed_units: { input_tokens: total - image, ...(image > 0 && { image_tokens: image }) } }
}
