/** What the kernel must know of a client's body before, or without, decoding it. */
import { invalidRequest } from '@sluice/core'
import type { Inspection, JsonObject, RequestPlace } from '@sluice/core'
import { holdsMark, optionalBoolean } from '@sluice/dialect-kit'
import { modelIn } from '../model-field.ts'

/** What may stand in place of an input: something that the upstream holds. */
const HELD = ['prompt', 'previous_response_id', 'conversation']

/** Looks at the top level only: every verbatim request passes here. */
export function inspect(body: JsonObject, bytes: Buffer, place: RequestPlace): Inspection {
  const model = modelIn(body, bytes, place)
  const input = body.input ?? undefined
  if (input === undefined ? HELD.every((field) => (body[field] ?? undefined) === undefined) : !isInput(input))
    throw invalidRequest('"input" must be a string or an array of items.', 'input')
  const stream = optionalBoolean(body, 'stream') ?? false
  return holdsMark(bytes) ? { model, stream, transformed: true } : { model, stream }
}

function isInput(input: unknown): boolean {
  return typeof input === 'string' || Array.isArray(input)
}
