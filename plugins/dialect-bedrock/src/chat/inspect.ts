import { invalidRequest } from '@sluice/core'
import type { Inspection, JsonObject, RequestPlace } from '@sluice/core'
import { optionalArray } from '@sluice/dialect-kit'
import { asksForStream } from '../endpoints.ts'

/** Model and stream mode, which the path says. There may be no messages: a stored prompt can be the model. */
export function inspect(body: JsonObject, _bytes: Buffer, { path, params }: RequestPlace): Inspection {
  const { model } = params
  if (!model) throw invalidRequest('The path must name a model: /model/<model>/converse.', 'modelId')
  optionalArray(body, 'messages')
  return { model, stream: asksForStream(path) }
}
