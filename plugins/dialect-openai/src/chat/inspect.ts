/** What the kernel must know of a client's body before, or without, decoding it. */
import { invalidRequest } from '@sluice/core'
import type { Inspection, JsonObject } from '@sluice/core'
import { isRepeated, optionalBoolean, requiredArray, requiredString } from '@sluice/dialect-kit'

/** Looks at the top level only: every verbatim request passes here. */
export function inspect(body: JsonObject, bytes: Buffer): Inspection {
  const model = requiredString(body, 'model')
  if (model === '') throw invalidRequest('"model" must name a model, not be empty.', 'model')
  // Readers differ in which of two counts: one could be checked and the other one served.
  if (isRepeated(bytes, 'model')) throw invalidRequest('"model" must stand in the body exactly once.', 'model')
  if (requiredArray(body, 'messages').length === 0)
    throw invalidRequest('"messages" must hold at least one message.', 'messages')
  return { model, stream: optionalBoolean(body, 'stream') ?? false }
}
