/** What the kernel must know of a client's body before, or without, decoding it. */
import { invalidRequest } from '@sluice/core'
import type { Inspection, JsonObject, RequestPlace } from '@sluice/core'
import { holdsMark, optionalBoolean, requiredArray } from '@sluice/dialect-kit'
import { modelIn } from '../model-field.ts'

/** Looks at the top level only: every verbatim request passes here. */
export function inspect(body: JsonObject, bytes: Buffer, place: RequestPlace): Inspection {
  const model = modelIn(body, bytes, place)
  if (requiredArray(body, 'messages').length === 0)
    throw invalidRequest('"messages" must hold at least one message.', 'messages')
  const stream = optionalBoolean(body, 'stream') ?? false
  return holdsMark(bytes) ? { model, stream, transformed: true } : { model, stream }
}
