import type { Inspection, JsonObject, RequestPlace } from '@sluice/core'
import { holdsMark, optionalArray } from '@sluice/dialect-kit'
import { actionOf, modelIn } from '../endpoints.ts'

/** Model and stream mode, which the path says. There may be no messages: a stored prompt can be the model. */
export function inspect(body: JsonObject, bytes: Buffer, place: RequestPlace): Inspection {
  const model = modelIn(place)
  optionalArray(body, 'messages')
  const stream = actionOf(place.path) === 'converse-stream'
  return holdsMark(bytes) ? { model, stream, transformed: true } : { model, stream }
}
