import type { Inspection, JsonObject, RequestPlace } from '@sluice/core'
import { optionalArray } from '@sluice/dialect-kit'
import { actionOf, modelIn } from '../endpoints.ts'

/** Model and stream mode, which the path says. There may be no messages: a stored prompt can be the model. */
export function inspect(body: JsonObject, _bytes: Buffer, place: RequestPlace): Inspection {
  const model = modelIn(place)
  optionalArray(body, 'messages')
  return { model, stream: actionOf(place.path) === 'converse-stream' }
}
