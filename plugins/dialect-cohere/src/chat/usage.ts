/** Token counts in both directions. */
import type { JsonObject, Usage } from '@sluice/core'
import { countOf, objectOf, withCost } from '@sluice/dialect-kit'

/**
 * Cohere counts twice: `tokens` are what the model saw and wrote, its own hidden prompt among them, and
 * `billed_units` what is paid for, which is what usage means here, as it does in OpenTelemetry's
 * conventions. Billed output contains thinking; `image_tokens` stand beside `tokens.input_tokens`.
 * @returns undefined if nothing is counted
 */
export function decodeUsage(raw: JsonObject): Usage | undefined {
  const tokens = objectOf(raw.tokens) ?? {}
  const billed = objectOf(raw.billed_units) ?? {}
  const image = countOf(tokens.image_tokens)
  const seen = countOf(tokens.input_tokens) + image
  const input = 'input_tokens' in billed ? countOf(billed.input_tokens) : seen
  const output = countOf('output_tokens' in billed ? billed.output_tokens : tokens.output_tokens)
  if (!isCounted(tokens) && !isCounted(billed)) return undefined
  // Of what was read from the cache, as much as possible may have been the hidden prompt.
  const cacheRead = Math.max(0, countOf(raw.cached_tokens) - Math.max(0, seen - input))
  return {
    input: { total: input, cacheRead: Math.min(cacheRead, input), cacheWrite: 0, ...(image > 0 && { image }) },
    output: { total: output, reasoning: Math.min(countOf(tokens.reasoning_tokens), output) },
    raw,
  }
}

function isCounted(counts: JsonObject): boolean {
  return typeof counts.input_tokens === 'number' || typeof counts.output_tokens === 'number'
}

/** The provider's own object if it was Cohere's; otherwise all tokens are billed ones. */
export function encodeUsage(usage: Usage): JsonObject {
  const { input, output, raw } = usage
  if (raw !== undefined && (objectOf(raw.billed_units) ?? objectOf(raw.tokens)) !== undefined)
    return withCost(raw, usage)
  const counts = { input_tokens: input.total, output_tokens: output.total }
  const all = {
    billed_units: counts,
    tokens: output.reasoning > 0 ? { ...counts, reasoning_tokens: output.reasoning } : counts,
    cached_tokens: input.cacheRead,
  }
  return withCost(all, usage)
}
