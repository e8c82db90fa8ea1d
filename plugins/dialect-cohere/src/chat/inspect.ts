import { invalidRequest } from '@sluice/core'
import type { Inspection, JsonObject } from '@sluice/core'
import { holdsMark, optionalBoolean, requiredArray } from '@sluice/dialect-kit'
import { modelIn } from '../model-field.ts'

/** Model and stream mode; refuses what every upstream would refuse: no model or two, no messages. */
export function inspect(body: JsonObject, bytes: Buffer): Inspection {
  const model = modelIn(body, bytes)
  if (requiredArray(body, 'messages').length === 0)
    throw invalidRequest('"messages" must have at least one message.', 'messages')
  const stream = optionalBoolean(body, 'stream') ?? false
  return holdsMark(bytes) ? { model, stream, transformed: true } : { model, stream }
}
