/** Images, audio, video and files, in both directions: bytes in the message, or an address. */
import type { JsonObject, MediaPart, Source } from '@sluice/core'
import { isObject, objectOf, textOf } from '@sluice/dialect-kit'
import { keep, leftovers, restore, spellingOf } from '../extensions.ts'

/** By the ending of an address. */
const TYPES: { readonly [ending: string]: string } = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  pdf: 'application/pdf',
  txt: 'text/plain',
}

function typeOfAddress(url: string): string | undefined {
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(url.slice(url.lastIndexOf('/') + 1))?.[1]?.toLowerCase()
  return ending !== undefined && Object.hasOwn(TYPES, ending) ? TYPES[ending] : undefined
}

/** Undefined if the part holds no media that the model has a word for. */
export function decodeMedia(part: JsonObject): MediaPart | undefined {
  const field = isObject(part.inlineData) ? 'inlineData' : 'fileData'
  const { [field]: data, ...outer } = part
  // A thought in pictures is no answer.
  if (!isObject(data) || part.thought === true) return undefined
  const read = field === 'inlineData' ? readInline(data) : readFile(data)
  if (read === undefined) return undefined
  const { source, mediaType, spelling } = read
  const kind = mediaType?.split('/')[0]
  const isFile = kind !== 'image' && kind !== 'audio' && kind !== 'video'
  const name = isFile ? textOf(data.displayName) : undefined
  const inner = leftovers(data, name === undefined ? FIELDS : NAMED_FIELDS)
  if (inner !== undefined) outer[field] = inner
  const base = { source, ...keep(outer, NOTHING, spelling) }
  return isFile ? { type: 'file', ...base, ...(name !== undefined && { name }) } : { type: kind, ...base }
}

const FIELDS = new Set(['mimeType', 'data', 'fileUri'])
const NAMED_FIELDS = new Set([...FIELDS, 'displayName'])
const NOTHING: ReadonlySet<string> = new Set()

interface Read {
  source: Source
  mediaType: string | undefined
  spelling?: JsonObject
}

/** Bytes come in either alphabet of base64, padded or not; everybody else knows only one form. */
function readInline({ data, mimeType }: JsonObject): Read | undefined {
  if (typeof data !== 'string') return undefined
  const mediaType = textOf(mimeType) ?? 'application/octet-stream'
  const bytes = standard(data)
  return {
    source: { kind: 'base64', mediaType, data: bytes },
    mediaType,
    ...(bytes !== data && { spelling: { data } }),
  }
}

/** The same base64 in the usual alphabet, and padded. */
function standard(data: string): string {
  const isUrlSafe = data.includes('-') || data.includes('_')
  const usual = isUrlSafe ? data.replaceAll('-', '+').replaceAll('_', '/') : data
  return usual.padEnd(Math.ceil(usual.length / 4) * 4, '=')
}

/** A type that the address tells as well is not said twice. */
function readFile({ fileUri, mimeType }: JsonObject): Read | undefined {
  if (typeof fileUri !== 'string') return undefined
  const told = typeOfAddress(fileUri)
  const given = textOf(mimeType)
  return {
    source: { kind: 'url', url: fileUri, ...(given !== undefined && given !== told && { mediaType: given }) },
    mediaType: given ?? told,
    ...(given === undefined && told !== undefined && { spelling: { type: 'absent' } }),
  }
}

/** Undefined for a source that Gemini cannot read: a text, which is no medium, or a file at another provider. */
export function encodeMedia(part: MediaPart): JsonObject | undefined {
  const { source } = part
  const { data: came, type } = spellingOf(part)
  const wire = restore(part)
  const name = part.type === 'file' && part.name !== undefined ? { displayName: part.name } : {}
  if (source.kind === 'base64') {
    const data = typeof came === 'string' && standard(came) === source.data ? came : source.data
    return { ...wire, inlineData: { ...objectOf(wire.inlineData), mimeType: source.mediaType, data, ...name } }
  }
  if (source.kind !== 'url') return undefined
  const mimeType = source.mediaType ?? (type === 'absent' ? undefined : typeOfAddress(source.url))
  const typed = mimeType !== undefined && { mimeType }
  return { ...wire, fileData: { ...objectOf(wire.fileData), ...typed, fileUri: source.url, ...name } }
}
