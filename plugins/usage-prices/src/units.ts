/** What providers count that is no token, or a kind of tokens that usage has no word for: it is in `usage.raw` only. */
import type { JsonObject, Usage } from '@sluice/core'

export interface Units {
  searches: number
  /** Of audio. */
  seconds: number
  /** Tokens written to a cache for an hour, among those written to a cache. */
  cacheWrite1h: number
}

const NONE: Units = Object.freeze({ searches: 0, seconds: 0, cacheWrite1h: 0 })

/**
 * Searches: Anthropic's `server_tool_use`, Cohere's `billed_units`, OpenRouter's rerankers. Seconds: OpenAI's
 * transcriptions, Mistral's audio. An hour's cache: Anthropic.
 */
export function unitsIn({ raw }: Usage): Units {
  if (raw === undefined) return NONE
  return {
    searches:
      numberIn(raw, 'search_units') +
      numberIn(raw['billed_units'], 'search_units') +
      numberIn(raw['server_tool_use'], 'web_search_requests'),
    seconds: numberIn(raw, 'seconds') + numberIn(raw, 'prompt_audio_seconds'),
    cacheWrite1h: numberIn(raw['cache_creation'], 'ephemeral_1h_input_tokens'),
  }
}

function numberIn(object: unknown, field: string): number {
  const value = typeof object === 'object' && object !== null ? (object as JsonObject)[field] : undefined
  return typeof value === 'number' && value > 0 && value < 1e9 ? value : 0
}
