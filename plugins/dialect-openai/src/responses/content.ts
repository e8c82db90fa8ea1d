/** Content parts of messages and of tool results, both directions. A part of a kind or shape that nobody here knows is a raw part. */
import type { AudioPart, FilePart, ImagePart, JsonObject, Part, RawPart } from '@sluice/core'
import { foreignPart, isBlank, isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'
import { TAKER, isMedia, unfitMedia } from '../unfit-media.ts'
import { fields, keep, keepWithin, restore, restoreWithin, spellingOf } from '../kept.ts'
import type { Kept } from '../kept.ts'
import { decodeAudioFormat, decodeFileData, decodeUrl, encodeAudioFormat, encodeUrl, fileName } from '../sources.ts'
import { decodeCitation, encodeCitations } from './citations.ts'
import { DIALECT, extensions, keptIn } from './extensions.ts'

const TEXT = fields('type text annotations logprobs prompt_cache_breakpoint')
const REFUSAL = fields('type refusal prompt_cache_breakpoint')
const IMAGE = fields('type image_url file_id detail prompt_cache_breakpoint')
const FILE = fields('type file_data file_id file_url filename prompt_cache_breakpoint')
const AUDIO = { outer: fields('type input_audio prompt_cache_breakpoint'), inner: fields('data format') }
const NO_FIELDS: ReadonlySet<string> = new Set()

const TEXT_TYPES: ReadonlySet<unknown> = new Set(['input_text', 'output_text', 'text'])

/** Which of the two text types a role writes. */
export type Side = 'input' | 'output'

/**
 * Never fails: what it does not know is a raw part.
 * @param about further spellings to remember with the part
 */
export function decodePart(wire: JsonObject, side: Side, about: JsonObject = {}): Part {
  const spelling: JsonObject = { ...about }
  const breakpoint = objectOf(wire.prompt_cache_breakpoint)
  if (breakpoint !== undefined) spelling.prompt_cache_breakpoint = breakpoint
  const part = decodeByType(wire, side, spelling) ?? rawPart(wire, 'content', about)
  if (breakpoint !== undefined && part.type !== 'raw')
    part.cache = typeof breakpoint.ttl === 'string' ? { ttl: breakpoint.ttl } : {}
  return part
}

/** @param place whether it stood among the parts of a message, or was an item by itself */
export function rawPart(value: JsonObject, place: 'content' | 'item', about: JsonObject = {}): RawPart {
  return { type: 'raw', dialect: DIALECT, value, ...extensions(keep({}, NO_FIELDS, { ...about, place })) }
}

/** Whether a raw part is content; one of which nothing is known is an item. */
export function isContent(part: RawPart): boolean {
  return spellingOf(keptIn(part)).place === 'content'
}

function decodeByType(wire: JsonObject, side: Side, spelling: JsonObject): Part | undefined {
  switch (wire.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return decodeText(wire, side, spelling)
    case 'refusal':
      if (typeof wire.refusal !== 'string') return undefined
      return { type: 'refusal', text: wire.refusal, ...extensions(keep(wire, REFUSAL, spelling)) }
    case 'input_image':
      return decodeImage(wire, spelling)
    case 'input_file':
      return decodeFile(wire, spelling)
    case 'input_audio':
      return decodeAudio(wire, spelling)
    default:
      return undefined
  }
}

function decodeText(wire: JsonObject, side: Side, spelling: JsonObject): Part | undefined {
  if (typeof wire.text !== 'string') return undefined
  const citations = listOf(wire.annotations).filter(isObject).map(decodeCitation)
  if (wire.type !== `${side}_text`) spelling.type = wire.type
  if (!isBlank(wire.logprobs) && wire.logprobs !== undefined) spelling.logprobs = wire.logprobs
  return {
    type: 'text',
    text: wire.text,
    ...(citations.length > 0 && { citations }),
    ...extensions(keep(wire, TEXT, spelling)),
  }
}

function decodeImage(wire: JsonObject, spelling: JsonObject): ImagePart | undefined {
  const url = textOf(wire.image_url)
  const id = textOf(wire.file_id)
  // Neither or both cannot be told in one source.
  if ((url === undefined) === (id === undefined)) return undefined
  const detail = textOf(wire.detail)
  return {
    type: 'image',
    source: url === undefined ? { kind: 'file', id: id ?? '' } : decodeUrl(url),
    ...(detail !== undefined && { detail }),
    ...extensions(keep(wire, IMAGE, spelling)),
  }
}

function decodeFile(wire: JsonObject, spelling: JsonObject): FilePart | undefined {
  const given = [wire.file_data, wire.file_id, wire.file_url].filter((value) => typeof value === 'string')
  if (given.length !== 1) return undefined
  const name = textOf(wire.filename)
  const data = textOf(wire.file_data)
  const source = fileSource(wire, data, name)
  if (data !== undefined && (source.kind === 'url' || !data.startsWith('data:'))) spelling.form = 'bare'
  return {
    type: 'file',
    source,
    ...(name !== undefined && { name }),
    ...extensions(keep(wire, FILE, spelling)),
  }
}

function fileSource(wire: JsonObject, data: string | undefined, name: string | undefined): FilePart['source'] {
  if (data !== undefined) return decodeFileData(data, name)
  const url = textOf(wire.file_url)
  return url === undefined ? { kind: 'file', id: textOf(wire.file_id) ?? '' } : { kind: 'url', url }
}

function decodeAudio(wire: JsonObject, outer: JsonObject): AudioPart | undefined {
  const audio = objectOf(wire.input_audio)
  if (typeof audio?.data !== 'string' || typeof audio.format !== 'string') return undefined
  const source = { kind: 'base64', data: audio.data, mediaType: decodeAudioFormat(audio.format) } as const
  return { type: 'audio', source, ...extensions(keepWithin(wire, 'input_audio', AUDIO, { outer })) }
}

/**
 * A part as content of a request. What cannot stand there is reported and gives undefined.
 * @throws GatewayError `invalid_request` for what cannot be left out
 */
export function encodeInput(part: Part, side: Side, drops: Drops): JsonObject | undefined {
  drops.addForeign(part.extensions, 'messages.')
  if (part.cache !== undefined && spellingOf(keptIn(part)).prompt_cache_breakpoint === undefined)
    drops.add('cache_control', 'this API caches prompts by itself')
  if (side === 'output' && part.type === 'audio' && part.transcript !== undefined && keptIn(part) === undefined)
    return { type: 'output_text', text: part.transcript, annotations: [] }
  const wire = side === 'output' && isMedia(part) && keptIn(part) === undefined ? undefined : encodePart(part, side)
  if (wire !== undefined) return wire
  if (part.type === 'raw') throw foreignPart(part, TAKER)
  if (isMedia(part)) throw unfitMedia(part, side === 'output' ? 'assistant' : 'user')
  drops.add(`messages.${part.type}`, 'this API takes no such part here')
  return undefined
}

/** Undefined for a part that this dialect has no content for. */
export function encodePart(part: Part, side: Side): JsonObject | undefined {
  const wire = encodeByType(part, side)
  const breakpoint = spellingOf(keptIn(part)).prompt_cache_breakpoint
  if (wire !== undefined && breakpoint !== undefined) wire.prompt_cache_breakpoint = breakpoint
  return wire
}

function encodeByType(part: Part, side: Side): JsonObject | undefined {
  const kept = keptIn(part)
  switch (part.type) {
    case 'text':
      return encodeText(part, kept, side)
    case 'refusal':
      return { ...restorePart(kept), type: 'refusal', refusal: part.text }
    case 'image':
      return encodeImage(part, kept)
    case 'file':
      return encodeFile(part, kept)
    case 'audio':
      return encodeAudio(part, kept)
    case 'raw':
      return part.dialect === DIALECT && isContent(part) ? { ...part.value } : undefined
    default:
      return undefined
  }
}

/** What was kept of the part itself: of the first part of an item, the item's fields are with it. */
function restorePart(kept: Kept | undefined): JsonObject {
  const wire = restore(kept)
  for (const field in objectOf(spellingOf(kept).item)) delete wire[field]
  return wire
}

function encodeText(part: Extract<Part, { type: 'text' }>, kept: Kept | undefined, side: Side): JsonObject {
  const { type, logprobs } = spellingOf(kept)
  const wire = restorePart(kept)
  const annotations = encodeCitations(part)
  if (annotations.length > 0) wire.annotations = annotations
  if (logprobs !== undefined) wire.logprobs = logprobs
  return { ...wire, type: TEXT_TYPES.has(type) ? type : `${side}_text`, text: part.text }
}

function encodeImage({ source, detail }: ImagePart, kept: Kept | undefined): JsonObject | undefined {
  const url = encodeUrl(source)
  if (url === undefined && source.kind !== 'file') return undefined
  return {
    ...restorePart(kept),
    type: 'input_image',
    ...(source.kind === 'file' ? { file_id: source.id } : { image_url: url }),
    ...(detail !== undefined && { detail }),
  }
}

function encodeFile({ source, name }: FilePart, kept: Kept | undefined): JsonObject {
  if (source.kind === 'text') return { type: 'input_text', text: source.text }
  const wire: JsonObject = { ...restorePart(kept), type: 'input_file' }
  const isBare = spellingOf(kept).form === 'bare'
  if (source.kind === 'file') wire.file_id = source.id
  else if (source.kind === 'url') wire[isBare ? 'file_data' : 'file_url'] = source.url
  else wire.file_data = isBare ? source.data : encodeUrl(source)
  const filename = name ?? (source.kind === 'base64' && kept === undefined ? fileName(source.mediaType) : undefined)
  return filename === undefined ? wire : { ...wire, filename }
}

/** Undefined unless the bytes are there: the API fetches no audio. */
function encodeAudio({ source }: AudioPart, kept: Kept | undefined): JsonObject | undefined {
  if (source.kind !== 'base64') return undefined
  const { wire, inner } = restoreWithin(kept, 'input_audio')
  for (const field in objectOf(spellingOf(kept).item)) delete wire[field]
  inner.data = source.data
  inner.format = encodeAudioFormat(source.mediaType)
  return { ...wire, type: 'input_audio' }
}
