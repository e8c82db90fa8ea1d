/** Token counts in both directions. */
import type { JsonObject, Usage } from '@sluice/core'
import { countOf } from '@sluice/dialect-kit'

/** Bedrock counts cache reads and writes beside `inputTokens` and within `totalTokens`. Some models say them under another name. */
export function decodeUsage(raw: JsonObject): Usage {
  const cacheRead = countOf(raw.cacheReadInputTokens) || countOf(raw.cacheReadInputTokenCount)
  const cacheWrite = countOf(raw.cacheWriteInputTokens) || countOf(raw.cacheWriteInputTokenCount)
  return {
    input: { total: countOf(raw.inputTokens) + cacheRead + cacheWrite, cacheRead, cacheWrite },
    output: { total: countOf(raw.outputTokens), reasoning: 0 },
    raw,
  }
}

/** @param own whether `usage.raw` is Bedrock's own accounting, which then goes out as it came */
export function encodeUsage(usage: Usage | undefined, own: boolean): JsonObject {
  if (own && usage?.raw !== undefined) return usage.raw
  const { input, output } = usage ?? NOTHING
  return {
    inputTokens: Math.max(0, input.total - input.cacheRead - input.cacheWrite),
    outputTokens: output.total,
    totalTokens: input.total + output.total,
    cacheReadInputTokens: input.cacheRead,
    cacheWriteInputTokens: input.cacheWrite,
  }
}

/** Not measured. Clients read it without looking whether it is there. */
export const NO_METRICS: JsonObject = Object.freeze({ metrics: { latencyMs: 0 } })

const NOTHING: Usage = { input: { total: 0, cacheRead: 0, cacheWrite: 0 }, output: { total: 0, reasoning: 0 } }
