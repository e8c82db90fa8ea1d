/** Citations in both directions, and the block that holds cited text. */
import type { Citation, JsonObject, TextPart } from '@sluice/core'
import { isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { extended, kept, leftovers, spellingOf } from '../extensions.ts'

const BLOCK_FIELDS = new Set(['content', 'citations'])
const TITLED = new Set(['title'])
const QUOTED = new Set(['title', 'sourceContent'])

/** Where in its source it stands is told in units of the source, and kept as it is. */
export function decodeCitation(citation: JsonObject): Citation {
  const url = textOf(objectOf(objectOf(citation.location)?.web)?.url)
  const title = textOf(citation.title)
  const quote = onlyText(citation.sourceContent)
  const words = quote === undefined ? TITLED : QUOTED
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { quote }),
    ...extended(leftovers(citation, words)),
  }
}

export function encodeCitation(citation: Citation): JsonObject {
  const { url, title, quote } = citation
  const own = kept(citation)
  return {
    ...own,
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { sourceContent: [{ text: quote }] }),
    ...(own === undefined && url !== undefined && { location: { web: { url } } }),
  }
}

/** A list of one text; most are. */
function onlyText(list: unknown): string | undefined {
  if (!Array.isArray(list) || list.length !== 1 || !isPlainText(list[0])) return undefined
  return list[0].text
}

function isPlainText(value: unknown): value is { text: string } {
  return isObject(value) && typeof value.text === 'string' && Object.keys(value).length === 1
}

/** Lenient, as it is the model's own writing. Undefined if the block's content is not text alone. */
export function decodeCitedText(block: JsonObject): TextPart | undefined {
  const content = block.content ?? []
  if (!Array.isArray(content) || !content.every(isPlainText)) return undefined
  const spelling: JsonObject = {}
  if (content.length !== 1)
    spelling.pieces = block.content === undefined ? undefined : content.map(({ text }) => text.length)
  if (block.citations === undefined) spelling.uncited = true
  return {
    type: 'text',
    text: content.map(({ text }) => text).join(''),
    citations: listOf(block.citations).filter(isObject).map(decodeCitation),
    ...extended(leftovers(block, BLOCK_FIELDS), content.length !== 1 || spelling.uncited ? spelling : undefined),
  }
}

export function encodeCitedText(part: TextPart & { citations: Citation[] }): JsonObject {
  const spelling = spellingOf(part)
  const block: JsonObject = { ...kept(part) }
  if (!('pieces' in spelling)) block.content = [{ text: part.text }]
  else if (spelling.pieces !== undefined) block.content = split(part.text, spelling.pieces as number[])
  if (!spelling.uncited) block.citations = part.citations.map(encodeCitation)
  return { citationsContent: block }
}

/** The pieces that the text was put together from; one, if it is another text by now. */
function split(text: string, lengths: readonly number[]): { text: string }[] {
  if (lengths.reduce((sum, length) => sum + length, 0) !== text.length) return [{ text }]
  let end = 0
  return lengths.map((length) => ({ text: text.slice(end, (end += length)) }))
}
