/** Images, videos, audio and files among the content parts, both directions. */
import type { AudioPart, FilePart, ImagePart, JsonObject, Part, VideoPart } from '@sluice/core'
import { objectOf, textOf } from '@sluice/dialect-kit'
import { fields, keepWithin, restoreWithin, spellingOf } from '../kept.ts'
import { extensions, keptIn } from './extensions.ts'
import { decodeAudioFormat, decodeFileData, decodeUrl, encodeAudioFormat, encodeUrl, fileName } from '../sources.ts'

const IMAGE = { outer: fields('type image_url cache_control'), inner: fields('url detail') }
const VIDEO = { outer: fields('type video_url cache_control'), inner: fields('url') }
const AUDIO = { outer: fields('type input_audio cache_control'), inner: fields('data format') }
const FILE = { outer: fields('type file cache_control'), inner: fields('file_data file_id filename') }

/** Undefined if the part is of another kind or not in a form this dialect documents. */
export function decodeMedia(wire: JsonObject, spelling: JsonObject): Part | undefined {
  switch (wire.type) {
    case 'image_url':
      return decodeImage(wire, spelling)
    case 'video_url':
      return decodeVideo(wire, spelling)
    case 'input_audio':
      return decodeAudio(wire, spelling)
    case 'file':
      return decodeFile(wire, spelling)
    default:
      return undefined
  }
}

function decodeImage(wire: JsonObject, outer: JsonObject): ImagePart | undefined {
  // Mistral also takes the bare address.
  if (typeof wire.image_url === 'string') outer.form = 'bare'
  const url = textOf(wire.image_url) ?? objectOf(wire.image_url)?.url
  if (typeof url !== 'string') return undefined
  const detail = textOf(objectOf(wire.image_url)?.detail)
  const kept = keepWithin(wire, 'image_url', IMAGE, { outer })
  return { type: 'image', source: decodeUrl(url), ...(detail !== undefined && { detail }), ...extensions(kept) }
}

/** Undefined for images by file id, which this API does not have. */
export function encodeImage(part: ImagePart): JsonObject | undefined {
  const kept = keptIn(part)
  const url = encodeUrl(part.source)
  if (url === undefined) return undefined
  const { wire, inner } = restoreWithin(kept, 'image_url')
  inner.url = url
  if (part.detail !== undefined) inner.detail = part.detail
  return { ...wire, type: 'image_url', ...(spellingOf(kept).form === 'bare' && { image_url: url }) }
}

// OpenAI takes no video; this is the form of OpenRouter, vLLM and others.
function decodeVideo(wire: JsonObject, outer: JsonObject): VideoPart | undefined {
  const url = objectOf(wire.video_url)?.url
  if (typeof url !== 'string') return undefined
  return { type: 'video', source: decodeUrl(url), ...extensions(keepWithin(wire, 'video_url', VIDEO, { outer })) }
}

/** Undefined for videos by file id. */
export function encodeVideo(part: VideoPart): JsonObject | undefined {
  const url = encodeUrl(part.source)
  if (url === undefined) return undefined
  const { wire, inner } = restoreWithin(keptIn(part), 'video_url')
  inner.url = url
  return { ...wire, type: 'video_url' }
}

function decodeAudio(wire: JsonObject, outer: JsonObject): AudioPart | undefined {
  const audio = objectOf(wire.input_audio)
  if (typeof audio?.data !== 'string' || typeof audio.format !== 'string') return undefined
  const source = { kind: 'base64', data: audio.data, mediaType: decodeAudioFormat(audio.format) } as const
  return { type: 'audio', source, ...extensions(keepWithin(wire, 'input_audio', AUDIO, { outer })) }
}

/** Undefined unless the bytes are there: the API fetches no audio. */
export function encodeAudio(part: AudioPart): JsonObject | undefined {
  if (part.source.kind !== 'base64') return undefined
  const { wire, inner } = restoreWithin(keptIn(part), 'input_audio')
  inner.data = part.source.data
  inner.format = encodeAudioFormat(part.source.mediaType)
  return { ...wire, type: 'input_audio' }
}

function decodeFile(wire: JsonObject, outer: JsonObject): FilePart | undefined {
  const file = objectOf(wire.file)
  const data = textOf(file?.file_data)
  const id = textOf(file?.file_id)
  // Neither or both cannot be told in one source.
  if ((data === undefined) === (id === undefined)) return undefined
  const name = textOf(file?.filename)
  const source = data === undefined ? ({ kind: 'file', id: id ?? '' } as const) : decodeFileData(data, name)
  if (data !== undefined && !data.startsWith('data:')) outer.form = 'bare'
  return {
    type: 'file',
    source,
    ...(name !== undefined && { name }),
    ...extensions(keepWithin(wire, 'file', FILE, { outer })),
  }
}

/** Undefined for files by address, which OpenAI does not fetch; an address that came in this dialect goes back as it came. */
export function encodeFile(part: FilePart): JsonObject | undefined {
  const { source } = part
  if (source.kind === 'text') return { type: 'text', text: source.text }
  const kept = keptIn(part)
  const isBare = spellingOf(kept).form === 'bare'
  if (source.kind === 'url' && !isBare) return undefined
  const { wire, inner } = restoreWithin(kept, 'file')
  if (source.kind === 'file') inner.file_id = source.id
  else inner.file_data = source.kind === 'base64' && isBare ? source.data : encodeUrl(source)
  const name = part.name ?? (source.kind === 'base64' && kept === undefined ? fileName(source.mediaType) : undefined)
  if (name !== undefined) inner.filename = name
  return { ...wire, type: 'file' }
}
