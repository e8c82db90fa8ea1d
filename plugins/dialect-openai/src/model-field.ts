/** The model's name in a body, or in the path where Azure's clients say it. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, RequestPlace } from '@sluice/core'
import { isRepeated, requiredString, spliceString } from '@sluice/dialect-kit'

/**
 * Throws `invalid_request` if no model is named, or two.
 * @param usual the one that a body means which names none
 */
export function modelIn(body: JsonObject, bytes: Buffer, { params }: RequestPlace, usual?: string): string {
  const unnamed = (body.model ?? undefined) === undefined ? (params.deployment ?? usual) : undefined
  const model = unnamed ?? requiredString(body, 'model')
  if (model === '') throw invalidRequest('"model" must name a model, not be empty.', 'model')
  // Readers differ in which of two counts: one could be checked and the other one served.
  if (isRepeated(bytes, 'model')) throw invalidRequest('"model" must stand in the body exactly once.', 'model')
  return model
}

/** A client's bytes with another model. Bytes that name none, as the path did, name it then. */
export function withModel(bytes: Buffer, model: string): Buffer {
  try {
    return spliceString(bytes, 'model', model)
  } catch (error) {
    if ('model' in (JSON.parse(bytes.toString()) as JsonObject)) throw error
    const start = bytes.indexOf('{') + 1
    return Buffer.concat([
      bytes.subarray(0, start),
      Buffer.from(`"model":${JSON.stringify(model)},`),
      bytes.subarray(start),
    ])
  }
}
