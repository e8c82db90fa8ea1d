/** Log probabilities: one API lists the tokens, the other one puts the list in an object. */
import type { JsonObject } from '@sluice/core'
import { isObject } from '@sluice/dialect-kit'

/** The tokens of either form; undefined if there are none, or the form is of another vendor. */
export function tokensOf(logprobs: unknown): unknown[] | undefined {
  const tokens = isObject(logprobs) ? logprobs.content : logprobs
  return Array.isArray(tokens) && tokens.length > 0 ? tokens : undefined
}

/** As the chat API has it, whichever form it came in. */
export function chatLogprobs(logprobs: unknown): unknown {
  return Array.isArray(logprobs) ? ({ content: logprobs, refusal: null } satisfies JsonObject) : (logprobs ?? null)
}
