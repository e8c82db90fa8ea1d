/** Parts of a stream in any order, which writers must bring into one of their own. */
import type { StreamPart } from '@sluice/core'

/** Makes a part in a block, of up to two words. */
export type PartMaker = (block: number, word: string, other: string) => StreamPart

/** Makers of the parts that need no other before them. */
export const PART_MAKERS: readonly PartMaker[] = [
  (block, text) => ({ type: 'text-delta', block, text }),
  (block, text) => ({ type: 'refusal-delta', block, text }),
  (block, text) => ({ type: 'reasoning-delta', block, text }),
  (block, signature) => ({ type: 'reasoning-signature', block, signature }),
  (block, data) => ({ type: 'reasoning-redacted', block, data }),
  (block, url) => ({ type: 'citation', block, citation: { url } }),
  (block, id, name) => ({ type: 'tool-call-start', block, id, name }),
  () => ({ type: 'finish', finish: { unified: 'stop' } }),
  (_, id) => ({ type: 'start', id }),
]

/** What the parts of these types say in a choice, together. */
export function spoken(parts: readonly StreamPart[], types: readonly StreamPart['type'][], choice = 0): string {
  const texts = parts.map((part) =>
    types.includes(part.type) && 'text' in part && (part.choice ?? 0) === choice ? part.text : '',
  )
  return texts.join('')
}
