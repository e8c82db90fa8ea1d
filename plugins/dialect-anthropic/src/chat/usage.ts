/** Token counts in both directions. */
import type { JsonObject, Usage } from '@sluice/core'
import { countOf, objectOf, withCost } from '@sluice/dialect-kit'

/** Anthropic counts cache reads and writes beside `input_tokens`, and thinking within `output_tokens`. */
export function decodeUsage(raw: JsonObject): Usage {
  const cacheRead = countOf(raw.cache_read_input_tokens)
  const cacheWrite = countOf(raw.cache_creation_input_tokens)
  return {
    input: { total: countOf(raw.input_tokens) + cacheRead + cacheWrite, cacheRead, cacheWrite },
    output: {
      total: countOf(raw.output_tokens),
      reasoning: countOf(objectOf(raw.output_tokens_details)?.thinking_tokens),
    },
    raw,
  }
}

/** @param own whether `usage.raw` is Anthropic's own accounting, which then goes out as it came */
export function encodeUsage(usage: Usage | undefined, own: boolean): JsonObject {
  if (usage === undefined) return NO_USAGE
  if (own && usage.raw !== undefined) return withCost(usage.raw, usage)
  const { input, output } = usage
  const counts = {
    input_tokens: Math.max(0, input.total - input.cacheRead - input.cacheWrite),
    cache_creation_input_tokens: input.cacheWrite,
    cache_read_input_tokens: input.cacheRead,
    output_tokens: output.total,
    ...(output.reasoning > 0 && { output_tokens_details: { thinking_tokens: output.reasoning } }),
  }
  return withCost(counts, usage)
}

/** Nothing is known, or not yet. */
export const NO_USAGE: JsonObject = Object.freeze({
  input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 0,
})

/** Later counts replace earlier ones, where they are given: the counts of a stream are cumulative. */
export function mergeUsage(before: JsonObject | undefined, later: unknown): JsonObject | undefined {
  const counts = objectOf(later)
  if (before === undefined || counts === undefined) return counts ?? before
  const merged = { ...before }
  for (const key in counts) if (counts[key] !== null) merged[key] = counts[key]
  return merged
}
