/** What becomes of inputs that are too long, in both directions: `truncate`. */
import type { JsonObject } from '@sluice/core'
import { optionalString } from '@sluice/dialect-kit'

const WORDS: ReadonlyMap<string, string> = new Map([
  ['NONE', 'none'],
  ['START', 'start'],
  ['END', 'end'],
])
const TYPES: ReadonlyMap<string, string> = new Map([...WORDS].map(([type, word]) => [word, type]))

/** Undefined for what is none of Cohere's three words. */
export function decodeTruncate(body: JsonObject): string | undefined {
  return WORDS.get(optionalString(body, 'truncate') ?? '')
}

/** Undefined for what Cohere has no word for. */
export function encodeTruncate(truncate: string): string | undefined {
  return TYPES.get(truncate)
}
