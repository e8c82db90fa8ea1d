/** Citations in both directions. */
import type { Citation, JsonObject } from '@sluice/core'
import { defined, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { kept, NAME } from '../extensions.ts'

/**
 * Rides along whole: it may have several sources, of which a citation of the model tells the first.
 * Documents have whatever fields the client gave them; `title` and `url` are usual.
 */
export function decodeCitation(citation: JsonObject): Citation {
  const source = objectOf(listOf(citation.sources)[0])
  const document = objectOf(source?.document) ?? objectOf(source?.tool_output)
  return {
    ...defined<Citation>({
      url: textOf(document?.url),
      title: textOf(document?.title),
      start: numberOf(citation.start),
      end: numberOf(citation.end),
    }),
    extensions: { [NAME]: citation },
  }
}

/**
 * @param place index of the content block that is cited
 * @param text of that block, if it is known
 */
export function encodeCitation(citation: Citation, place: number, text?: string): JsonObject {
  const { start, end, url, title, quote } = citation
  const span = defined<JsonObject>({ start, end })
  const own = kept(citation)
  if (own !== undefined) return { ...own, ...span }
  const id = url ?? title ?? ''
  return defined<JsonObject>({
    ...span,
    text: text === undefined || start === undefined || end === undefined ? undefined : text.slice(start, end),
    sources: [{ type: 'document', id, document: defined<JsonObject>({ id, title, url, text: quote }) }],
    content_index: place,
    type: 'TEXT_CONTENT',
  })
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
