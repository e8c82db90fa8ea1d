/** The assistant's message, both directions: what a response answers with and what a request echoes. */
import type { AudioPart, JsonObject, Part, ReasoningPart, TextPart } from '@sluice/core'
import { isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { decodeCitation, encodeCitation } from './citations.ts'
import { fields, keep, restore, spellingOf } from '../kept.ts'
import { extensions, keptIn } from './extensions.ts'
import type { Kept } from '../kept.ts'
import { decodeContent, decodePart, encodeContentPart, isContentThought, placeOf } from './parts.ts'
import { decodeReasoning, encodeReasoning, reasoningFields } from './reasoning.ts'
import { decodeCall, encodeCall, inventCallId } from './tool-calls.ts'

const FIELDS = fields(
  'role content refusal annotations audio images tool_calls',
  'reasoning_content reasoning reasoning_details',
)

/**
 * Reads leniently; a request's messages are checked before.
 * @param responseId makes the ids invented for calls without one unique
 */
export function decodeAssistant(wire: JsonObject, responseId?: string): { parts: Part[]; kept: Kept } {
  const spelling: JsonObject = {}
  const thoughts = reasoningFields(wire)
  if (thoughts !== undefined) spelling.thoughts = thoughts
  if (!('content' in wire)) spelling.content = 'absent'
  else if (Array.isArray(wire.content) && wire.content.length > 0) spelling.content = 'list'

  const parts: Part[] = [...decodeReasoning(wire), ...decodeContent(wire.content)]
  const refusal = textOf(wire.refusal) ?? ''
  if (refusal !== '') parts.push({ type: 'refusal', text: refusal })
  if (refusal !== '' && spelling.content === 'list') spelling.refusal = 'field'
  const kept = keep(wire, FIELDS, spelling)
  annotate(parts, wire, kept)

  const audio = objectOf(wire.audio)
  if (audio !== undefined) parts.push(decodeAudioAnswer(audio))
  for (const image of listOf(wire.images)) parts.push(decodePart(objectOf(image) ?? {}))
  for (const [position, call] of listOf(wire.tool_calls).entries()) {
    parts.push(decodeCall(objectOf(call) ?? {}, inventCallId(position, responseId)))
  }
  return { parts, kept }
}

/** @param kept what this dialect kept of the message; undefined if it came from another one */
export function encodeAssistant(parts: readonly Part[], kept: Kept | undefined): JsonObject {
  const message: JsonObject = { role: 'assistant', ...restore(kept) }
  const spelling = spellingOf(kept)
  const isList = spelling.content === 'list'
  const texts = parts.filter((part) => part.type === 'text')
  const refusals = parts.filter((part) => part.type === 'refusal')
  const audio = parts.find((part) => part.type === 'audio')

  encodeReasoning(parts.filter(isThoughtBeside), message, objectOf(spelling.thoughts))
  if (refusals.length > 0 && (!isList || spelling.refusal === 'field')) message.refusal = textOfAll(refusals)
  if (audio !== undefined) message.audio = encodeAudioAnswer(audio)
  setList(message, 'annotations', encodeCitations(texts))
  setList(message, 'images', encodeAll(parts.filter((part) => part.type === 'image')))
  setList(message, 'tool_calls', parts.flatMap(encodeCallPart))

  const items = isList ? encodeAll(parts.filter((part) => standsInList(part, spelling))) : []
  if (items.length > 0) message.content = items
  else if (texts.length > 0) message.content = textOfAll(texts)
  else if (spelling.content !== 'absent') message.content ??= contentOfNone(message, kept)
  return message
}

function setList(message: JsonObject, field: string, list: readonly JsonObject[]): void {
  if (list.length > 0) message[field] = list
}

function encodeAll(parts: readonly Part[]): JsonObject[] {
  return parts.flatMap<JsonObject>((part) => encodeContentPart(part) ?? [])
}

function textOfAll(parts: readonly { text: string }[]): string {
  return parts.map(({ text }) => text).join('')
}

function encodeCallPart(part: Part): JsonObject[] {
  if (part.type === 'tool-call') return [encodeCall(part)]
  return part.type === 'raw' && placeOf(part) === 'tool_calls' ? [part.value] : []
}

function encodeCitations(texts: readonly TextPart[]): JsonObject[] {
  let at = 0
  return texts.flatMap(({ text, citations = [] }) => {
    const annotations = citations.flatMap<JsonObject>((citation) => encodeCitation(citation, at, text.length) ?? [])
    at += text.length
    return annotations
  })
}

function isThoughtBeside(part: Part): part is ReasoningPart {
  return part.type === 'reasoning' && !isContentThought(part)
}

function standsInList(part: Part, spelling: JsonObject): boolean {
  switch (part.type) {
    case 'text':
      return true
    case 'refusal':
      return spelling.refusal !== 'field'
    case 'reasoning':
      return isContentThought(part)
    case 'raw':
      return placeOf(part) === 'content'
    default:
      return false
  }
}

/** OpenAI says null where something else than text answers; a request with neither is refused. */
function contentOfNone({ tool_calls, refusal, audio }: JsonObject, kept: Kept | undefined): null | '' {
  return kept !== undefined || (tool_calls ?? refusal ?? audio ?? undefined) !== undefined ? null : ''
}

/** Annotations point into the text; without one they are kept as they are. */
function annotate(parts: readonly Part[], wire: JsonObject, kept: Kept): void {
  const annotations = listOf(wire.annotations).filter(isObject)
  if (annotations.length === 0) return
  const text = parts.find((part) => part.type === 'text')
  if (text === undefined) kept.annotations = annotations
  else text.citations = annotations.map(decodeCitation)
}

const AUDIO_BYTES = fields('data transcript')
const AUDIO_ID = fields('id transcript')

/** A spoken answer, or in a request the id of an earlier one. The format is what the request asked for and is not repeated. */
function decodeAudioAnswer(audio: JsonObject): AudioPart {
  const data = textOf(audio.data)
  const transcript = textOf(audio.transcript)
  return {
    type: 'audio',
    source:
      data === undefined
        ? { kind: 'file', id: textOf(audio.id) ?? '' }
        : { kind: 'base64', data, mediaType: 'application/octet-stream' },
    ...(transcript !== undefined && { transcript }),
    ...extensions(keep(audio, data === undefined ? AUDIO_ID : AUDIO_BYTES)),
  }
}

function encodeAudioAnswer(part: AudioPart): JsonObject {
  const { source, transcript } = part
  return {
    ...restore(keptIn(part)),
    ...(source.kind === 'file' ? { id: source.id } : source.kind === 'base64' ? { data: source.data } : {}),
    ...(transcript !== undefined && { transcript }),
  }
}
