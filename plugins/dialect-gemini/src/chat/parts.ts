/** Parts of a content in both directions, for requests and answers alike. */
import type { JsonObject, Part, RawPart, ReasoningPart, TextPart, ToolCallPart } from '@sluice/core'
import { isObject, objectOf, textOf, tryParse } from '@sluice/dialect-kit'
import { keep, leftovers, NAME, restore, spellingOf } from '../extensions.ts'
import type { CallIds } from './call-ids.ts'
import { decodeMedia } from './media.ts'
import { decodeResult } from './results.ts'

const TEXT = new Set(['text'])
const THOUGHT = new Set(['text', 'thought', 'thoughtSignature'])
const SIGNATURE = new Set(['thoughtSignature'])
const IN_CALL = new Set(['id', 'name', 'args'])

/** Lenient: a part whose fields are of the wrong types is raw. */
export function decodePart(part: JsonObject, ids: CallIds): Part {
  if (typeof part.text === 'string') return decodeText(part, part.text)
  if (isObject(part.functionCall)) return decodeCall(part, part.functionCall, ids) ?? rawPart(part)
  if (isObject(part.functionResponse)) return decodeResult(part, part.functionResponse, ids)
  return decodeMedia(part) ?? rawPart(part)
}

/** A part that only Gemini understands, e.g. what it ran in its sandbox. */
function rawPart(value: JsonObject): RawPart {
  return { type: 'raw', dialect: NAME, value }
}

/** Gemini's thoughts are summed up for the client. The signature of a text rides along. */
function decodeText(part: JsonObject, text: string): TextPart | ReasoningPart {
  if (part.thought !== true) return { type: 'text', text, ...keep(part, TEXT) }
  return { type: 'reasoning', text, summary: true, ...signatureIn(part), ...keep(part, THOUGHT) }
}

/** Undefined for a piece of a call that is streamed piece by piece. */
function decodeCall(part: JsonObject, call: JsonObject, ids: CallIds): ToolCallPart | undefined {
  if ('partialArgs' in call || 'willContinue' in call) return undefined
  const { functionCall: _, ...outer } = part
  const inner = leftovers(call, IN_CALL)
  if (inner !== undefined) outer.functionCall = inner
  const args = objectOf(call.args)
  const id = textOf(call.id) || undefined
  const name = textOf(call.name) ?? ''
  const spelling = { ...(id === undefined && { id: 'absent' }), ...(args === undefined && { args: 'absent' }) }
  return {
    type: 'tool-call',
    id: ids.call(name, id),
    name,
    arguments: JSON.stringify(args ?? {}),
    ...signatureIn(part),
    ...keep(outer, SIGNATURE, spelling),
  }
}

function signatureIn({ thoughtSignature }: JsonObject): Pick<ToolCallPart, 'signature' | 'origin'> {
  const signature = textOf(thoughtSignature)
  return signature === undefined ? {} : { signature, origin: NAME }
}

export function encodeText(part: TextPart): JsonObject {
  return { ...restore(part), text: part.text }
}

/** There is one place for proofs of all kinds. */
export function encodeThought(part: ReasoningPart): JsonObject {
  const { text, signature, redacted } = part
  const thoughtSignature = signature ?? redacted
  return { ...restore(part), text, thought: true, ...(thoughtSignature !== undefined && { thoughtSignature }) }
}

/** @param args the call's arguments, parsed */
export function encodeCall(part: ToolCallPart, args: JsonObject): JsonObject {
  const wire = restore(part)
  const spelling = spellingOf(part)
  const functionCall = {
    ...objectOf(wire.functionCall),
    ...(spelling.id !== 'absent' && { id: part.id }),
    name: part.name,
    ...(!(spelling.args === 'absent' && part.arguments === '{}') && { args }),
  }
  return { ...wire, functionCall, ...(part.signature !== undefined && { thoughtSignature: part.signature }) }
}

/** Arguments as an object; undefined if they are none. Some models write nothing or `null` where there are none. */
export function argsOf(text: string): JsonObject | undefined {
  if (text.trim() === '') return {}
  const value = tryParse(text)
  if (value === null) return {}
  return objectOf(value)
}
