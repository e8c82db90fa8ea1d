/** Content parts, both directions. A part of a kind or shape that nobody here knows is a raw part. */
import type { CacheHint, JsonObject, Part, RawPart, ReasoningPart, Role } from '@sluice/core'
import { foreignPart, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'
import { TAKER, isMedia, unfitMedia } from '../unfit-media.ts'
import { fields, keep, restore, spellingOf } from '../kept.ts'
import { DIALECT, extensions, keptIn } from './extensions.ts'
import { decodeMedia, encodeAudio, encodeFile, encodeImage, encodeVideo } from './media.ts'

const TEXT = fields('type text cache_control')
const REFUSAL = fields('type refusal cache_control')
const NO_FIELDS: ReadonlySet<string> = new Set()
const THINKING = fields('type thinking')

/** `content` in any of its forms. A blank one says nothing; items that are no objects are skipped. */
export function decodeContent(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return listOf(content).flatMap((item) => {
    const wire = objectOf(item)
    return wire === undefined ? [] : [decodePart(wire)]
  })
}

/** Never fails: what it does not know is a raw part. */
export function decodePart(wire: JsonObject): Part {
  // A hint that OpenRouter and others take for models that need one; OpenAI caches by itself.
  const hint = objectOf(wire.cache_control)
  const spelling: JsonObject = hint === undefined ? {} : { cache_control: hint }
  const part = decodeText(wire, spelling) ?? decodeMedia(wire, spelling)
  if (part === undefined) return rawPart(wire, 'content')
  return hint === undefined ? part : { ...part, cache: cacheHint(hint) }
}

/** The canonical form of a `cache_control`. */
export function cacheHint(hint: JsonObject): CacheHint {
  return typeof hint.ttl === 'string' ? { ttl: hint.ttl } : {}
}

/** @param place the field of the message where it stood */
export function rawPart(value: JsonObject, place: 'content' | 'tool_calls'): RawPart {
  return { type: 'raw', dialect: DIALECT, value, ...extensions(keep({}, NO_FIELDS, { place })) }
}

/** Where a raw part of this dialect stood; undefined for those of others. */
export function placeOf(part: RawPart): unknown {
  return spellingOf(keptIn(part)).place
}

function decodeText(wire: JsonObject, spelling: JsonObject): Part | undefined {
  if (wire.type === 'text' && typeof wire.text === 'string') {
    return { type: 'text', text: wire.text, ...extensions(keep(wire, TEXT, spelling)) }
  }
  if (wire.type === 'refusal' && typeof wire.refusal === 'string') {
    return { type: 'refusal', text: wire.refusal, ...extensions(keep(wire, REFUSAL, spelling)) }
  }
  // Mistral's reasoning: a list of texts inside the content.
  if (wire.type === 'thinking' && Array.isArray(wire.thinking)) {
    return {
      type: 'reasoning',
      text: textOfThinking(wire.thinking),
      ...extensions(keep(wire, THINKING, { thinking: { was: wire.thinking } })),
    }
  }
  return undefined
}

/** The text of Mistral's `thinking` list. */
export function textOfThinking(thinking: unknown): string {
  let text = ''
  for (const piece of listOf(thinking)) text += textOf(objectOf(piece)?.text) ?? ''
  return text
}

/** Whether a thought stood among the content parts. */
export function isContentThought(part: ReasoningPart): boolean {
  return spellingOf(keptIn(part)).thinking !== undefined
}

/**
 * A part as content for a request. What cannot stand there is reported and gives undefined.
 * @throws GatewayError `invalid_request` for what cannot be left out
 */
export function encodePart(part: Part, role: Role, drops: Drops): JsonObject | undefined {
  drops.addForeign(part.extensions, 'messages.')
  if (part.cache !== undefined && hintOf(part) === undefined)
    drops.add('cache_control', 'this API caches prompts by itself')
  const wire = encodeContentPart(part)
  if (wire !== undefined) return wire
  if (part.type === 'raw') throw foreignPart(part, TAKER)
  if (isMedia(part)) throw unfitMedia(part, role)
  drops.add(`messages.${part.type}`, 'this API takes no such part here')
  return undefined
}

/** Undefined for a part that cannot stand in this dialect's content. */
export function encodeContentPart(part: Part): JsonObject | undefined {
  const wire = encodeByType(part)
  const hint = hintOf(part)
  if (wire !== undefined && hint !== undefined) wire.cache_control = hint
  return wire
}

/** The cache hint that came in this dialect. */
function hintOf(part: Part): unknown {
  return spellingOf(keptIn(part)).cache_control
}

function encodeByType(part: Part): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return { ...restore(keptIn(part)), type: 'text', text: part.text }
    case 'refusal':
      return { ...restore(keptIn(part)), type: 'refusal', refusal: part.text }
    case 'reasoning':
      return isContentThought(part) ? encodeThinking(part) : undefined
    case 'image':
      return encodeImage(part)
    case 'video':
      return encodeVideo(part)
    case 'audio':
      return encodeAudio(part)
    case 'file':
      return encodeFile(part)
    case 'raw':
      return part.dialect === DIALECT ? part.value : undefined
    default:
      return undefined
  }
}

function encodeThinking(part: ReasoningPart): JsonObject {
  const kept = keptIn(part)
  const was = objectOf(spellingOf(kept).thinking)?.was
  const thinking = textOfThinking(was) === part.text ? was : [{ type: 'text', text: part.text }]
  return { ...restore(kept), type: 'thinking', thinking }
}
