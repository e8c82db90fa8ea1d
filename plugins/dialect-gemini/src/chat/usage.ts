/** Token counts in both directions. */
import type { JsonObject, Usage } from '@sluice/core'
import { countOf, isObject, listOf, withCost } from '@sluice/dialect-kit'

/** Gemini counts thinking beside the answer and the results of its own tools beside the prompt, cached tokens within it. */
export function decodeUsage(raw: JsonObject): Usage {
  const reasoning = countOf(raw.thoughtsTokenCount)
  return {
    input: {
      total: countOf(raw.promptTokenCount) + countOf(raw.toolUsePromptTokenCount),
      cacheRead: countOf(raw.cachedContentTokenCount),
      cacheWrite: 0,
      ...media(raw.promptTokensDetails),
    },
    output: { total: countOf(raw.candidatesTokenCount) + reasoning, reasoning, ...media(raw.candidatesTokensDetails) },
    raw,
  }
}

function media(details: unknown): { audio?: number; image?: number } {
  const counts: { audio?: number; image?: number } = {}
  for (const item of listOf(details)) {
    const count = isObject(item) ? countOf(item.tokenCount) : 0
    if (count === 0) continue
    const { modality } = item as JsonObject
    if (modality === 'AUDIO') counts.audio = (counts.audio ?? 0) + count
    else if (modality === 'IMAGE') counts.image = (counts.image ?? 0) + count
  }
  return counts
}

/** @param own whether `usage.raw` is Gemini's own accounting, which then goes out as it came */
export function encodeUsage(usage: Usage, own: boolean): JsonObject {
  const { input, output, raw } = usage
  if (own && raw !== undefined) return withCost(raw, usage)
  const counts = {
    promptTokenCount: input.total,
    candidatesTokenCount: Math.max(0, output.total - output.reasoning),
    totalTokenCount: input.total + output.total,
    ...(input.cacheRead > 0 && { cachedContentTokenCount: input.cacheRead }),
    ...(output.reasoning > 0 && { thoughtsTokenCount: output.reasoning }),
  }
  return withCost(counts, usage)
}
