/** Calls of tools in whole messages, both directions. */
import type { JsonObject, RawPart, ToolCallPart } from '@sluice/core'
import { defined, objectOf, textOf } from '@sluice/dialect-kit'
import { argumentsOf, argumentsSpelling, writeArguments } from '../arguments.ts'
import { fields, innerOf, keepWithin, restoreWithin, spellingOf } from '../kept.ts'
import { DIALECT, extensions, keptIn } from './extensions.ts'
import { rawPart } from './parts.ts'

// `index` counts the calls in streams; some vendors also write it here.
const FUNCTION = { outer: fields('id type index function'), inner: fields('name arguments') }
const CUSTOM = { outer: fields('id type index custom'), inner: fields('name input') }

/**
 * An id for a call that came without one: stable, and not met again in the next answer of the same conversation.
 * @param position of the call among those of its answer
 */
export function inventCallId(position: number, responseId: string | undefined): string {
  return responseId === undefined ? `call_${position}` : `call_${position}_${responseId.slice(-12)}`
}

/** Gemini's proof of thought, in the place its OpenAI-compatible API gives it. */
export function signatureOf(wire: JsonObject): string | undefined {
  return textOf(objectOf(objectOf(wire.extra_content)?.google)?.thought_signature)
}

/** What `signatureOf` finds the signature in. */
export function signatureContent(signature: string): JsonObject {
  return { google: { thought_signature: signature } }
}

/** @param fallbackId used if the call has none */
export function decodeCall(wire: JsonObject, fallbackId: string): ToolCallPart | RawPart {
  const { kind, called } = calledIn(wire)
  if (called === undefined) return rawPart(wire, 'tool_calls')
  const signature = signatureOf(wire)
  const isCustom = kind === 'custom'
  const kept = keepWithin(wire, kind, isCustom ? CUSTOM : FUNCTION, {
    outer: defined({
      type: 'type' in wire ? undefined : 'absent',
      index: wire.index ?? undefined,
      extra_content: signature && wire.extra_content,
    }),
    inner: isCustom ? {} : argumentsSpelling(called),
  })
  // Said by the signature.
  if (signature !== undefined) delete kept.extra_content
  return {
    type: 'tool-call',
    id: textOf(wire.id) || fallbackId,
    name: textOf(called.name) ?? '',
    arguments: isCustom ? (textOf(called.input) ?? '') : argumentsOf(called.arguments),
    ...(isCustom && { kind }),
    ...(signature !== undefined && { signature, origin: DIALECT }),
    ...extensions(kept),
  }
}

function calledIn(wire: JsonObject): { kind: 'function' | 'custom'; called: JsonObject | undefined } {
  const called = objectOf(wire.function)
  return called === undefined ? { kind: 'custom', called: objectOf(wire.custom) } : { kind: 'function', called }
}

/** An item of `tool_calls`. */
export function encodeCall(part: ToolCallPart): JsonObject {
  const kept = keptIn(part)
  const { type, index, extra_content: extra } = spellingOf(kept)
  const kind = part.kind ?? 'function'
  const { wire, inner } = restoreWithin(kept, kind)
  Object.assign(wire, defined({ id: part.id, type: type === 'absent' ? undefined : kind, index }))
  inner.name = part.name
  if (kind === 'custom') inner.input = part.arguments
  else writeArguments(part.arguments, inner, spellingOf(innerOf(kept, kind)).arguments)
  if (part.signature !== undefined)
    wire.extra_content =
      signatureOf({ extra_content: extra }) === part.signature ? extra : signatureContent(part.signature)
  return wire
}
