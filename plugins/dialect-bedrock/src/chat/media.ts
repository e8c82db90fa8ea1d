/** Images, clips and documents in both directions. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, MediaPart, Source } from '@sluice/core'
import { optionalString, requiredObject, requiredString } from '@sluice/dialect-kit'
import { extended, kept, leftovers } from '../extensions.ts'
import { formatOf, mediaTypeOf } from './formats.ts'

type Kind = 'image' | 'audio' | 'video' | 'document'
const FIELDS: { readonly [kind in Kind]: ReadonlySet<string> } = {
  image: new Set(['format', 'source']),
  audio: new Set(['format', 'source']),
  video: new Set(['format', 'source']),
  document: new Set(['format', 'source', 'name']),
}
const S3 = 's3://'

/** Undefined for a format or a kind of source that only Bedrock knows. @param at path of `block`, with its dot */
export function decodeMedia(kind: Kind, block: JsonObject, at: string): MediaPart | undefined {
  const format = optionalString(block, 'format', at)
  const mediaType = format === undefined ? undefined : mediaTypeOf(kind, format)
  const found = decodeSource(requiredObject(block, 'source', at), mediaType, `${at}source.`)
  if (found === undefined || (format !== undefined && mediaType === undefined)) return undefined
  const { source, rest } = found
  const own = leftovers(block, FIELDS[kind])
  const more = extended(rest === undefined ? own : { ...own, source: rest })
  if (kind !== 'document') return { type: kind, source, ...more }
  const name = optionalString(block, 'name', at)
  return { type: 'file', source, ...(name !== undefined && { name }), ...more }
}

/** What the model has no word for, such as a bucket's owner, is in `rest`. */
function decodeSource(
  source: JsonObject,
  mediaType: string | undefined,
  at: string,
): { source: Source; rest?: JsonObject | undefined } | undefined {
  const [kind, ...others] = Object.keys(source)
  if (others.length > 0) return undefined
  const typed = mediaType === undefined ? {} : { mediaType }
  switch (kind) {
    case 'bytes':
      // Bytes are nothing without their type.
      if (mediaType === undefined) return undefined
      return { source: { kind: 'base64', mediaType, data: requiredString(source, kind, at) } }
    case 'text':
      return { source: { kind: 'text', text: requiredString(source, kind, at), ...typed } }
    case 's3Location': {
      const location = requiredObject(source, kind, at)
      const url = requiredString(location, 'uri', `${at}${kind}.`)
      // Other addresses could not be told from those of other dialects.
      if (!url.startsWith(S3)) return undefined
      return { source: { kind: 'url', url, ...typed }, rest: leftovers(location, new Set(['uri'])) }
    }
    default:
      return undefined
  }
}

/** @throws GatewayError `invalid_request` for what Bedrock has no form for */
export function encodeMedia(part: MediaPart, at: string): JsonObject {
  const kind = kindOf(part)
  const { source: rest, ...own } = kept(part) ?? {}
  const block: JsonObject = {
    ...own,
    ...formatField(kind, part.source, at),
    source: encodeSource(kind, part.source, rest, at),
  }
  if (part.type === 'file' && kind === 'document' && part.name !== undefined) block.name = part.name
  return { [kind]: block }
}

/** Files of another kind go as what they are. */
export function kindOf({ type, source }: MediaPart): Kind {
  if (type !== 'file') return type
  const mediaType = 'mediaType' in source ? source.mediaType : undefined
  return (['image', 'audio', 'video'] as const).find((kind) => mediaType?.startsWith(`${kind}/`)) ?? 'document'
}

function formatField(kind: Kind, source: Source, at: string): JsonObject {
  if (!('mediaType' in source) || source.mediaType === undefined) return {}
  const format = formatOf(kind, source.mediaType)
  if (format === undefined)
    throw invalidRequest(`"${at}" is of the type "${source.mediaType}", which Bedrock does not take.`, at)
  return { format }
}

function encodeSource(kind: Kind, source: Source, rest: unknown, at: string): JsonObject {
  switch (source.kind) {
    case 'base64':
      return { bytes: source.data }
    case 'text':
      if (kind === 'document') return { text: source.text }
      throw invalidRequest(`"${at}" is text, which is no ${kind}.`, at)
    case 'url':
      if (source.url.startsWith(S3)) return { s3Location: { ...(rest as JsonObject | undefined), uri: source.url } }
      throw invalidRequest(`"${at}" is at an address; Bedrock takes the bytes themselves, or an address in S3.`, at)
    case 'file':
      throw invalidRequest(`"${at}" is a file at another provider, which Bedrock cannot read.`, at)
  }
}
