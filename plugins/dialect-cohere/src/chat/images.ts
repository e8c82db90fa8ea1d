/** Images in both directions: an address, or a `data:` URL with the bytes. */
import type { ImagePart, JsonObject, Source } from '@sluice/core'
import { objectOf, textOf } from '@sluice/dialect-kit'
import { keep, restore, spellingOf } from '../extensions.ts'

const FIELDS = new Set(['type', 'image_url'])
const DATA_URL = /^data:([^;,]+);base64,/

/** Undefined if it has no address. */
export function decodeImage(item: JsonObject): ImagePart | undefined {
  const image = objectOf(item.image_url)
  const url = textOf(image?.url)
  if (url === undefined) return undefined
  const detail = textOf(image?.detail)
  return {
    type: 'image',
    source: sourceOf(url),
    ...(detail !== undefined && { detail }),
    ...keep(item, FIELDS, { image }),
  }
}

function sourceOf(url: string): Source {
  const [head, mediaType] = DATA_URL.exec(url) ?? []
  if (head === undefined || mediaType === undefined) return { kind: 'url', url }
  return { kind: 'base64', mediaType, data: url.slice(head.length) }
}

/** Undefined for a source that has no address. */
export function encodeImage(part: ImagePart): JsonObject | undefined {
  const url = urlOf(part.source)
  if (url === undefined) return undefined
  const { detail } = part
  const was = objectOf(spellingOf(part).image)
  const isSame = was?.url === url && textOf(was.detail) === detail
  return {
    ...restore(part),
    type: 'image_url',
    image_url: isSame ? was : { url, ...(detail !== undefined && { detail }) },
  }
}

function urlOf(source: Source): string | undefined {
  if (source.kind === 'url') return source.url
  return source.kind === 'base64' ? `data:${source.mediaType};base64,${source.data}` : undefined
}
