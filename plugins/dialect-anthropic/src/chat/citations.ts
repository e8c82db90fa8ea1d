/** Citations in both directions (https://platform.claude.com/docs/en/build-with-claude/citations). */
import type { Citation, JsonObject } from '@sluice/core'
import { textOf } from '@sluice/dialect-kit'
import { extended, kept, leftovers } from '../extensions.ts'

/** Citations of search results call their title so, those of documents otherwise. */
function titleField(type: unknown): string {
  return typeof type === 'string' && type.endsWith('result_location') ? 'title' : 'document_title'
}

/** Where in the source it stands is told in units of the source, and kept as it is. */
export function decodeCitation(citation: JsonObject): Citation {
  const titled = titleField(citation.type)
  const result: Citation = {}
  const words = new Set<string>()
  const take = (key: string, field: 'url' | 'title' | 'quote'): void => {
    const text = textOf(citation[key])
    if (text === undefined) return
    result[field] = text
    words.add(key)
  }
  take('url', 'url')
  take(titled, 'title')
  take('cited_text', 'quote')
  return { ...result, ...extended(leftovers(citation, words)) }
}

/** Undefined if the citation came from another dialect and points to nothing that Anthropic's can point to. */
export function encodeCitation(citation: Citation): JsonObject | undefined {
  const { url, title, quote } = citation
  const own = kept(citation)
  if (own !== undefined) {
    return {
      ...own,
      ...(url !== undefined && { url }),
      ...(title !== undefined && { [titleField(own.type)]: title }),
      ...(quote !== undefined && { cited_text: quote }),
    }
  }
  if (url === undefined) return undefined
  return { type: 'web_search_result_location', url, title: title ?? null, cited_text: quote ?? '', encrypted_index: '' }
}
