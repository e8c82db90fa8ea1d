/** Token accounting. */
import type { JsonObject, Usage } from '@sluice/core'
import { countOf, objectOf, withCost } from '@sluice/dialect-kit'

/** Undefined if `raw` counts nothing. */
export function decodeUsage(raw: JsonObject): Usage | undefined {
  if (typeof raw.input_tokens !== 'number' && typeof raw.output_tokens !== 'number') return undefined
  const inputDetails = objectOf(raw.input_tokens_details)
  const total = countOf(raw.input_tokens)
  const output = countOf(raw.output_tokens)
  // Vendors pass on counts that contradict each other; a part is never more than its whole.
  const cacheRead = Math.min(countOf(inputDetails?.cached_tokens), total)
  const cacheWrite = Math.min(countOf(inputDetails?.cache_write_tokens), total - cacheRead)
  const reasoning = Math.min(countOf(objectOf(raw.output_tokens_details)?.reasoning_tokens), output)
  return { input: { total, cacheRead, cacheWrite }, output: { total: output, reasoning }, raw }
}

/** @param own whether this dialect decoded it: then the vendor's own object goes out */
export function encodeUsage(usage: Usage, own: boolean): JsonObject {
  const { input, output, raw } = usage
  if (own && raw !== undefined) return withCost(raw, usage)
  const counts = {
    input_tokens: input.total,
    input_tokens_details: { cached_tokens: input.cacheRead, cache_write_tokens: input.cacheWrite },
    output_tokens: output.total,
    output_tokens_details: { reasoning_tokens: output.reasoning },
    total_tokens: input.total + output.total,
  }
  return withCost(counts, usage)
}
