/** `annotations` of a text, both directions. */
import type { Citation, JsonObject } from '@sluice/core'
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

/** Undefined for a source without an address, which this API cannot cite. Its clients count on the other fields. */
export function encodeCitation({ url, title, start, end, extensions }: Citation): JsonObject | undefined {
  const whole = extensions?.[DIALECT]
  if (whole !== undefined) return whole
  if (url === undefined) return undefined
  return { type: 'url_citation', end_index: end ?? 0, start_index: start ?? 0, title: title ?? '', url }
}

export function encodeCitations(citations: readonly Citation[] | undefined): JsonObject[] {
  return (citations ?? []).flatMap<JsonObject>((citation) => encodeCitation(citation) ?? [])
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
