/** Sources of an answer, decoded: `groundingMetadata` of searches, `citationMetadata` of what was quoted. */
import type { Citation, JsonObject } from '@sluice/core'
import { defined, isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'

/** A citation, and the text it stands in, by its number among the candidate's texts. */
export interface Placed {
  text: number
  citation: Citation
}

/** @param texts of the candidate, thoughts left out; without any there is nothing that could be cited */
export function citationsIn(candidate: JsonObject, texts: readonly string[]): Placed[] {
  const grounding = objectOf(candidate.groundingMetadata)
  const quotes = listOf(objectOf(candidate.citationMetadata)?.citations).filter(isObject)
  if (texts.length === 0 || (grounding === undefined && quotes.length === 0)) return []
  const places = texts.map((text) => new Place(text))
  return [
    ...quotes.map((quote) => place(places, quote, sourceOf(quote))),
    ...(grounding ? groundedIn(grounding, places) : []),
  ]
}

function groundedIn(grounding: JsonObject, places: readonly Place[]): Placed[] {
  const chunks = listOf(grounding.groundingChunks)
  return listOf(grounding.groundingSupports)
    .filter(isObject)
    .flatMap((support) => {
      const segment = objectOf(support.segment) ?? {}
      return listOf(support.groundingChunkIndices).flatMap((index) => {
        const chunk = typeof index === 'number' ? chunks[index] : undefined
        // A chunk has one field, which says what kind of source it is.
        const source = isObject(chunk) ? Object.values(chunk).find(isObject) : undefined
        return source === undefined ? [] : place(places, segment, sourceOf(source))
      })
    })
}

function sourceOf(source: JsonObject): Citation {
  return defined<Citation>({ url: textOf(source.uri), title: textOf(source.title), quote: textOf(source.text) })
}

/** A text in which offsets are looked up: Gemini counts bytes. */
class Place {
  readonly #text: string
  #bytes: Buffer | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** UTF-16 offsets; undefined if there is no such piece, or another than it should be. */
  find(from: number, to: number, said: unknown): { start: number; end: number } | undefined {
    this.#bytes ??= Buffer.from(this.#text)
    if (!(from >= 0 && from < to && to <= this.#bytes.length)) return undefined
    const isAscii = this.#bytes.length === this.#text.length
    const start = isAscii ? from : this.#bytes.toString('utf8', 0, from).length
    const end = isAscii ? to : start + this.#bytes.toString('utf8', from, to).length
    return typeof said !== 'string' || this.#text.slice(start, end) === said ? { start, end } : undefined
  }
}

/** In the text where the segment is found; in the last one, without offsets, if it is nowhere. */
function place(places: readonly Place[], segment: JsonObject, source: Citation): Placed {
  const from = typeof segment.startIndex === 'number' ? segment.startIndex : 0
  const to = typeof segment.endIndex === 'number' ? segment.endIndex : 0
  // A quote's own text is the source's.
  const said = 'uri' in segment ? undefined : segment.text
  for (const [text, candidate] of places.entries()) {
    const found = candidate.find(from, to, said)
    if (found) return { text, citation: { ...source, ...found } }
  }
  return { text: places.length - 1, citation: source }
}
