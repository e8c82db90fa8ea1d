import { invalidRequest } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { isRepeated, requiredString } from '@sluice/dialect-kit'

/** The model a client asks for. @throws GatewayError `invalid_request` if it names none, or two */
export function modelIn(body: JsonObject, bytes: Buffer): string {
  const model = requiredString(body, 'model')
  if (model === '') throw invalidRequest('"model" must not be empty.', 'model')
  // Readers differ in which of two counts, so that one may be allowed and the other served.
  if (isRepeated(bytes, 'model')) throw invalidRequest('"model" must stand in the body exactly once.', 'model')
  return model
}
