/** Where the bytes of images and documents are, in both directions. */
import type { JsonObject, Source } from '@sluice/core'
import { requiredString } from '@sluice/dialect-kit'

const FIELDS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['base64', ['media_type', 'data']],
  ['text', ['media_type', 'data']],
  ['url', ['url']],
  ['file', ['file_id']],
])

/** Undefined for a kind of source, or a field in it, that only Anthropic knows. */
export function decodeSource(source: JsonObject, at: string): Source | undefined {
  const fields = FIELDS.get(source.type)
  if (fields === undefined || Object.keys(source).some((key) => key !== 'type' && !fields.includes(key)))
    return undefined
  const field = (key: string): string => requiredString(source, key, at)
  switch (source.type) {
    case 'base64':
      return { kind: 'base64', mediaType: field('media_type'), data: field('data') }
    case 'text':
      return { kind: 'text', mediaType: field('media_type'), text: field('data') }
    case 'url':
      return { kind: 'url', url: field('url') }
    default:
      return { kind: 'file', id: field('file_id') }
  }
}

/** The source of an image or document; the caller sees to it that the kind is one that the block takes. */
export function encodeSource(source: Source): JsonObject {
  switch (source.kind) {
    case 'base64':
      return { type: 'base64', media_type: source.mediaType, data: source.data }
    case 'text':
      return { type: 'text', media_type: source.mediaType ?? 'text/plain', data: source.text }
    case 'url':
      return { type: 'url', url: source.url }
    case 'file':
      return { type: 'file', file_id: source.id }
  }
}
