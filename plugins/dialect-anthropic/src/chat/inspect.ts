import { invalidRequest } from '@sluice/core'
import type { Inspection, JsonObject } from '@sluice/core'
import { holdsMark, isRepeated, optionalBoolean, requiredArray, requiredString } from '@sluice/dialect-kit'

/** Model and stream mode; refuses what every upstream would refuse: no model or two, no messages. */
export function inspect(body: JsonObject, bytes: Buffer): Inspection {
  const model = requiredString(body, 'model')
  if (model === '') throw invalidRequest('"model" must not be empty.', 'model')
  // Readers differ in which of two counts, so that one may be allowed and the other served.
  if (isRepeated(bytes, 'model')) throw invalidRequest('"model" must stand in the body exactly once.', 'model')
  if (requiredArray(body, 'messages').length === 0)
    throw invalidRequest('"messages" must have at least one message.', 'messages')
  const stream = optionalBoolean(body, 'stream') ?? false
  return holdsMark(bytes) ? { model, stream, transformed: true } : { model, stream }
}
