/** Token accounting of images, speech and transcriptions: they agree on the names, nearly. */
import type { JsonObject, Usage } from '@sluice/core'
import { countOf, objectOf } from '@sluice/dialect-kit'

/** Undefined if `raw` counts nothing. What is billed by the second of audio has no tokens; `raw` says how long it was. */
export function decodeUsage(raw: JsonObject | undefined): Usage | undefined {
  if (raw === undefined) return undefined
  const isCounted = typeof raw.input_tokens === 'number' || typeof raw.output_tokens === 'number'
  if (!isCounted && typeof raw.seconds !== 'number') return undefined
  const input = objectOf(raw.input_tokens_details ?? raw.input_token_details)
  const output = objectOf(raw.output_tokens_details ?? raw.output_token_details)
  const total = countOf(raw.input_tokens)
  return {
    input: { total, cacheRead: Math.min(countOf(input?.cached_tokens), total), cacheWrite: 0, ...media(input) },
    output: { total: countOf(raw.output_tokens), reasoning: 0, ...media(output) },
    raw,
  }
}

function media(details: JsonObject | undefined): { audio?: number; image?: number } {
  const audio = countOf(details?.audio_tokens)
  const image = countOf(details?.image_tokens)
  return { ...(audio > 0 && { audio }), ...(image > 0 && { image }) }
}
