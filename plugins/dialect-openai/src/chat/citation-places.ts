import type { Citation, JsonObject } from '@sluice/core'
import { encodeCitation } from './citations.ts'
import { DIALECT } from './extensions.ts'

const NONE: readonly JsonObject[] = Object.freeze([])

/**
 * Annotations of one streamed content: they count from its beginning, where citations count from that of their
 * own text. One that cites its text as a whole may come before it, and waits until the text is over.
 */
export class CitationPlaces {
  /** Where each text stands, by block. */
  readonly #texts = new Map<number, { start: number; end: number }>()
  /** The text that is being written. */
  #block: number | undefined
  #current = { start: 0, end: 0 }
  #waiting: Citation[] = []

  /** A piece of a text. @returns the annotations of the text that is over with it */
  text(block: number, text: string): readonly JsonObject[] {
    const due = block === this.#block ? NONE : this.#enter(block)
    this.#current.end += text.length
    return due
  }

  /** @returns the annotations that can be told now */
  citation(block: number, citation: Citation): readonly JsonObject[] {
    const before = this.#texts.get(block)
    if (before !== undefined && block !== this.#block) return annotationOf(citation, before)
    const due = before === undefined ? this.#enter(block) : NONE
    if (citation.end !== undefined || citation.extensions?.[DIALECT] !== undefined)
      return [...due, ...annotationOf(citation, this.#current)]
    this.#waiting.push(citation)
    return due
  }

  /** All is said. @returns the annotations that have waited */
  end(): readonly JsonObject[] {
    if (this.#waiting.length === 0) return NONE
    const due = this.#waiting.flatMap((citation) => annotationOf(citation, this.#current))
    this.#waiting = []
    return due
  }

  #enter(block: number): readonly JsonObject[] {
    const due = this.end()
    const { end } = this.#current
    this.#block = block
    this.#current = { start: end, end }
    this.#texts.set(block, this.#current)
    return due
  }
}

function annotationOf(citation: Citation, { start, end }: { start: number; end: number }): JsonObject[] {
  const annotation = encodeCitation(citation, start, end - start)
  return annotation === undefined ? [] : [annotation]
}
