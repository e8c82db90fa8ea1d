/** Content of messages in both directions: a text or a list of items, as canonical parts. */
import type { JsonObject, Part } from '@sluice/core'
import { listOf, objectOf } from '@sluice/dialect-kit'
import { keep, NAME, restore, spellingOf } from '../extensions.ts'
import type { Holder } from '../extensions.ts'
import { decodeDocument, encodeDocument } from './documents.ts'
import { decodeImage, encodeImage } from './images.ts'
import { unsealed } from './proof.ts'

const TEXT = new Set(['type', 'text'])
const THINKING = new Set(['type', 'thinking'])
const DOCUMENT = new Set(['type', 'document'])

/** Reads leniently; a request's content is checked before. Blank content says nothing. */
export function decodeContent(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return listOf(content).flatMap((item) => {
    const wire = objectOf(item)
    return wire === undefined ? [] : [decodeItem(wire)]
  })
}

/** How a content was spelled, where its parts do not tell. */
export function contentSpelling(content: unknown): JsonObject | undefined {
  return Array.isArray(content) && content.length > 0 ? LIST : undefined
}

const LIST: JsonObject = Object.freeze({ content: 'list' })

/** An item of a kind or shape that the model has no words for is a raw part. */
function decodeItem(item: JsonObject): Part {
  if (item.type === 'text' && typeof item.text === 'string')
    return { type: 'text', text: item.text, ...keep(item, TEXT) }
  if (item.type === 'thinking' && typeof item.thinking === 'string') {
    const { bare, proof } = unsealed(item)
    return { type: 'reasoning', text: item.thinking, ...proof, ...keep(bare, THINKING) }
  }
  const image = item.type === 'image_url' ? decodeImage(item) : undefined
  if (image !== undefined) return image
  if (item.type === 'document' && Object.keys(item).length === DOCUMENT.size && objectOf(item.document) !== undefined)
    return decodeDocument(item.document)
  return { type: 'raw', dialect: NAME, value: item }
}

/**
 * The field `content`; nothing if there is none to write.
 * @param owner what had the content, whose spelling holds
 */
export function encodeContent(parts: readonly Part[], owner: Holder): { content?: string | JsonObject[] } {
  const items = parts.flatMap<JsonObject>((part) => encodeItem(part) ?? [])
  const [first] = items
  if (first === undefined) return {}
  const isText = items.length === 1 && first.type === 'text' && Object.keys(first).length === TEXT.size
  return { content: isText && spellingOf(owner).content !== 'list' ? (first.text as string) : items }
}

/** Undefined for a part that has no place in a content. */
export function encodeItem(part: Part): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return { ...restore(part), type: 'text', text: part.text }
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'reasoning':
      // A proof alone is for its own provider.
      return part.text === '' && (part.redacted ?? part.signature) !== undefined
        ? undefined
        : { ...restore(part), type: 'thinking', thinking: part.text }
    case 'image':
      return encodeImage(part)
    case 'file': {
      const document = encodeDocument(part)
      return document === undefined ? undefined : { type: 'document', document }
    }
    case 'audio':
      return part.transcript === undefined ? undefined : { type: 'text', text: part.transcript }
    case 'raw':
      return part.dialect === NAME ? part.value : undefined
    default:
      return undefined
  }
}
