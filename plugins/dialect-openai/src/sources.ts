/** Where bytes are: data URLs, addresses and media types, both directions. */
import type { Source } from '@sluice/core'

const BASE64 = ';base64,'

/** A data URL as bytes, any other text as an address. */
export function decodeUrl(url: string): Source {
  const header = url.startsWith('data:') ? url.indexOf(BASE64) : -1
  if (header === -1) return { kind: 'url', url }
  return { kind: 'base64', mediaType: url.slice('data:'.length, header), data: url.slice(header + BASE64.length) }
}

/** The address of bytes, or the bytes as an address; undefined for sources that have none. */
export function encodeUrl(source: Source): string | undefined {
  if (source.kind === 'url') return source.url
  return source.kind === 'base64' ? `data:${source.mediaType}${BASE64}${source.data}` : undefined
}

/** `file_data`: a data URL as OpenAI wants it, an address as OpenRouter takes it, or bare base64. */
export function decodeFileData(data: string, name: string | undefined): Source {
  if (data.startsWith('data:') || data.startsWith('http')) return decodeUrl(data)
  return { kind: 'base64', data, mediaType: name?.endsWith('.pdf') ? 'application/pdf' : 'application/octet-stream' }
}

/** A name for a file that has none: vendors tell the kind of a file by its ending. */
export function fileName(mediaType: string): string {
  const subtype = mediaType.slice(mediaType.indexOf('/') + 1)
  return /^[a-z0-9]{1,8}$/.test(subtype) ? `file.${subtype}` : 'file'
}

/** Media type of a `format`, e.g. `mp3`. */
export function decodeAudioFormat(format: string): string {
  return format === 'mp3' ? 'audio/mpeg' : `audio/${format}`
}

const FORMATS: ReadonlyMap<string, string> = new Map([
  ['audio/mpeg', 'mp3'],
  ['audio/x-wav', 'wav'],
  ['audio/wave', 'wav'],
])

/** `format` of a media type. */
export function encodeAudioFormat(mediaType: string): string {
  return FORMATS.get(mediaType) ?? mediaType.slice(mediaType.indexOf('/') + 1)
}
