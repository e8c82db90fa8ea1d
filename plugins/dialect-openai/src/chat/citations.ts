/** `annotations` of an answer, both directions. */
import type { Citation, JsonObject } from '@sluice/core'
import { defined, objectOf, textOf } from '@sluice/dialect-kit'
import { DIALECT } from './extensions.ts'

/** An annotation of another kind than `url_citation`, or that says more than a citation can, rides along whole. */
export function decodeCitation(annotation: JsonObject): Citation {
  const inner = objectOf(annotation.url_citation) ?? {}
  const citation = defined<Citation>({
    url: textOf(inner.url),
    title: textOf(inner.title),
    start: numberOf(inner.start_index),
    end: numberOf(inner.end_index),
  })
  const isPlain =
    annotation.type === 'url_citation' &&
    Object.keys(annotation).length === 2 &&
    citation.url !== undefined &&
    citation.start !== undefined &&
    citation.end !== undefined &&
    Object.keys(citation).length === Object.keys(inner).length
  return isPlain ? citation : { ...citation, extensions: { [DIALECT]: annotation } }
}

/**
 * Undefined for a source without an address, which this API cannot cite. What does not say where it stands
 * cites its text as a whole.
 * @param at where the text begins in the content @param length of the text
 */
export function encodeCitation(citation: Citation, at: number, length: number): JsonObject | undefined {
  const { url, title, start = 0, end = length, extensions } = citation
  const whole = extensions?.[DIALECT]
  if (whole !== undefined) return whole
  if (url === undefined) return undefined
  return { type: 'url_citation', url_citation: defined({ end_index: at + end, start_index: at + start, title, url }) }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
