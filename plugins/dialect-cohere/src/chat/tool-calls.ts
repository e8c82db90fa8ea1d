/** Tool calls in both directions, for requests and whole answers. */
import type { JsonObject, ToolCallPart } from '@sluice/core'
import { objectOf, textOf } from '@sluice/dialect-kit'
import { keep, restore, spellingOf } from '../extensions.ts'
import { unsealed } from './proof.ts'

/** The fields of a call that the model has words for. */
export const CALL_FIELDS: ReadonlySet<string> = new Set(['id', 'type', 'function'])

/** Reads leniently; a request's calls are checked before. */
export function decodeCall(call: JsonObject): ToolCallPart {
  const { bare, proof } = unsealed(call)
  return {
    type: 'tool-call',
    ...wordsOf(bare),
    ...(proof?.signature !== undefined && { signature: proof.signature, origin: proof.origin }),
    ...keep(bare, CALL_FIELDS, { call: bare }),
  }
}

function wordsOf(call: JsonObject): Pick<ToolCallPart, 'id' | 'name' | 'arguments'> {
  const called = objectOf(call.function)
  return {
    id: textOf(call.id) ?? '',
    name: textOf(called?.name) ?? '',
    arguments: saysNothing(called?.arguments) ? '{}' : (textOf(called?.arguments) ?? '{}'),
  }
}

/** For tools without parameters Cohere writes nothing, and sometimes the word `null`. */
export function saysNothing(text: unknown): boolean {
  return text === '' || text === 'null'
}

/** A call that nobody changed goes out as it came. */
export function encodeCall(part: ToolCallPart): JsonObject {
  const { id, name } = part
  const was = objectOf(spellingOf(part).call)
  if (was !== undefined) {
    const before = wordsOf(was)
    if (before.id === id && before.name === name && before.arguments === part.arguments) return was
  }
  return { ...restore(part), id, type: 'function', function: { name, arguments: part.arguments } }
}
