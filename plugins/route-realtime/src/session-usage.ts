import type { JsonObject, Usage } from '@sluice/core'
import { countOf, objectOf } from '@sluice/dialect-kit'

/** What an event counts (https://platform.openai.com/docs/api-reference/realtime-server-events/response/done). */
const COUNTS = {
  total_tokens: 0,
  input_tokens: 0,
  output_tokens: 0,
  input_token_details: {
    cached_tokens: 0,
    text_tokens: 0,
    image_tokens: 0,
    audio_tokens: 0,
    cached_tokens_details: { text_tokens: 0, image_tokens: 0, audio_tokens: 0 },
  },
  output_token_details: { text_tokens: 0, audio_tokens: 0, reasoning_tokens: 0 },
}

/** Tokens of all answers of a session. */
export class SessionUsage {
  readonly #sum = structuredClone(COUNTS)

  /** @param usage as the upstream wrote it */
  add(usage: JsonObject): void {
    addTo(this.#sum, usage)
  }

  /** So far. `raw` is the sum in the upstream's own form. */
  total(): Usage {
    const raw = structuredClone(this.#sum)
    const { input_token_details: input, output_token_details: output } = raw
    return {
      input: {
        total: raw.input_tokens,
        cacheRead: input.cached_tokens,
        cacheWrite: 0,
        audio: input.audio_tokens,
        image: input.image_tokens,
      },
      output: { total: raw.output_tokens, reasoning: output.reasoning_tokens, audio: output.audio_tokens },
      raw,
    }
  }
}

/** Only fields that `sum` has are added, so that it cannot grow. */
function addTo(sum: JsonObject, counts: JsonObject | undefined): void {
  for (const [field, value] of Object.entries(sum)) {
    if (typeof value === 'number') sum[field] = value + countOf(counts?.[field])
    else addTo(value as JsonObject, objectOf(counts?.[field]))
  }
}
