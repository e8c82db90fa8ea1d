/**
 * Chunks of InvokeModelWithResponseStream: `bytes` are an event in the words of the model's vendor. Nova's
 * are those of Converse. Whatever the vendor, the last one has Bedrock's own count of tokens.
 */
import type { JsonObject, StreamPart, Usage } from '@sluice/core'
import { objectOf, textOf, tryParse } from '@sluice/dialect-kit'
import { decodeFinish } from './finish.ts'
import { decodeUsage } from './usage.ts'

/** The event in a chunk; empty if it is none. */
export function chunkEvent({ bytes }: JsonObject): JsonObject {
  return objectOf(tryParse(Buffer.from(textOf(bytes) ?? '', 'base64').toString())) ?? {}
}

/** Appends what an event tells of the answer's worth: of Claude's also how far it has got, for streams that break off. */
export function decodeWorth(event: JsonObject, out: StreamPart[]): void {
  const metrics = objectOf(event['amazon-bedrock-invocationMetrics'])
  const begun = objectOf(objectOf(event.message)?.usage)
  const delta = objectOf(event.delta)
  if (metrics) out.push({ type: 'usage', usage: metricsUsage(metrics) })
  else if (begun) out.push({ type: 'usage', usage: claudeUsage(begun) })
  else if (delta) decodeClaudeDelta(delta, out)
}

function metricsUsage(metrics: JsonObject): Usage {
  const { inputTokenCount: inputTokens, outputTokenCount: outputTokens } = metrics
  return { ...decodeUsage({ ...metrics, inputTokens, outputTokens }), raw: metrics }
}

function claudeUsage(raw: JsonObject): Usage {
  const usage = decodeUsage({
    inputTokens: raw.input_tokens,
    outputTokens: raw.output_tokens,
    cacheReadInputTokens: raw.cache_read_input_tokens,
    cacheWriteInputTokens: raw.cache_creation_input_tokens,
  })
  return { ...usage, raw }
}

/** Anthropic's reasons for a finish are Bedrock's. */
function decodeClaudeDelta(
  { text, thinking, partial_json: json, stop_reason: stopReason }: JsonObject,
  out: StreamPart[],
): void {
  if (typeof text === 'string') out.push({ type: 'text-delta', block: 0, text })
  else if (typeof thinking === 'string') out.push({ type: 'reasoning-delta', block: 0, text: thinking })
  else if (typeof json === 'string') out.push({ type: 'tool-call-delta', block: 0, arguments: json })
  else if (typeof stopReason === 'string') out.push({ type: 'finish', finish: decodeFinish({ stopReason }) })
}
