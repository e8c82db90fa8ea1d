/** Token accounting. Vendors agree on the names and differ in what includes what. */
import type { JsonObject, Usage } from '@sluice/core'
import { countOf, objectOf, withCost } from '@sluice/dialect-kit'

/** A `usage` object of any vendor; undefined if it counts nothing. */
export function decodeUsage(raw: JsonObject): Usage | undefined {
  if (typeof raw.prompt_tokens !== 'number' && typeof raw.completion_tokens !== 'number') return undefined
  const inputDetails = objectOf(raw.prompt_tokens_details)
  const outputDetails = objectOf(raw.completion_tokens_details)
  const prompt = countOf(raw.prompt_tokens)
  const completion = countOf(raw.completion_tokens)
  const thought = countOf(outputDetails?.reasoning_tokens ?? raw.reasoning_tokens)
  // xAI counts reasoning beside the completion, everybody else within it; the total tells which.
  const isApart = thought > 0 && raw.total_tokens === prompt + completion + thought
  const output = isApart ? completion + thought : completion
  // Routers pass on counts that contradict each other; a part is never more than its whole.
  const cacheRead = Math.min(
    countOf(inputDetails?.cached_tokens ?? raw.prompt_cache_hit_tokens ?? raw.cached_tokens),
    prompt,
  )
  return {
    input: {
      total: prompt,
      cacheRead,
      cacheWrite: Math.min(countOf(inputDetails?.cache_write_tokens), prompt - cacheRead),
      ...media(inputDetails),
    },
    output: { total: output, reasoning: Math.min(thought, output), ...media(outputDetails) },
    raw,
  }
}

function media(details: JsonObject | undefined): { audio?: number; image?: number } {
  const audio = countOf(details?.audio_tokens)
  const image = countOf(details?.image_tokens)
  return { ...(audio > 0 && { audio }), ...(image > 0 && { image }) }
}

/** Whether the upstream that counted speaks this dialect, so that its own object can be passed on. */
export function isOwnUsage({ raw }: Usage): boolean {
  return typeof raw?.prompt_tokens === 'number' || typeof raw?.completion_tokens === 'number'
}

/** The vendor's own object if it was in this dialect, OpenAI's form otherwise. */
export function encodeUsage(usage: Usage): JsonObject {
  if (usage.raw !== undefined && isOwnUsage(usage)) return withCost(usage.raw, usage)
  const { input, output } = usage
  const counts = {
    prompt_tokens: input.total,
    completion_tokens: output.total,
    total_tokens: input.total + output.total,
    prompt_tokens_details: {
      cached_tokens: input.cacheRead,
      ...(input.cacheWrite > 0 && { cache_write_tokens: input.cacheWrite }),
      audio_tokens: input.audio ?? 0,
    },
    completion_tokens_details: { reasoning_tokens: output.reasoning, audio_tokens: output.audio ?? 0 },
  }
  return withCost(counts, usage)
}
