/** `annotations` of a text, both directions. */
import type { Citation, JsonObject, TextPart } from '@sluice/core'
import { defined, textOf } from '@sluice/dialect-kit'
import { DIALECT } from './extensions.ts'

/** An annotation of another kind than `url_citation`, or that says more than a citation can, rides along whole. */
export function decodeCitation(annotation: JsonObject): Citation {
  const citation = defined<Citation>({
    url: textOf(annotation.url),
    title: textOf(annotation.title),
    start: numberOf(annotation.start_index),
    end: numberOf(annotation.end_index),
  })
  const isPlain =
    annotation.type === 'url_citation' && Object.keys(annotation).length === 5 && Object.keys(citation).length === 4
  return isPlain ? citation : { ...citation, extensions: { [DIALECT]: annotation } }
}

/**
 * Undefined for a source without an address, which this API cannot cite. Its clients count on the other fields.
 * What does not say where it stands cites its text as a whole.
 * @param length of the text
 */
export function encodeCitation(citation: Citation, length: number): JsonObject | undefined {
  const { url, title = '', start = 0, end = length, extensions } = citation
  const whole = extensions?.[DIALECT]
  if (whole !== undefined) return whole
  if (url === undefined) return undefined
  return { type: 'url_citation', end_index: end, start_index: start, title, url }
}

export function encodeCitations({ text, citations = [] }: TextPart): JsonObject[] {
  return citations.flatMap<JsonObject>((citation) => encodeCitation(citation, text.length) ?? [])
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
