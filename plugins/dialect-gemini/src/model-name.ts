/** The model stands in the path; some bodies repeat it, as the name of a resource. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, RouteParams } from '@sluice/core'
import { isObject } from '@sluice/dialect-kit'

/** `models/gemini-2.5-flash`, of that or of the model's mere name; tuned models have names of their own kind. */
export function resourceName(model: string): string {
  return model.includes('/') ? model : `models/${model}`
}

/** @throws GatewayError `invalid_request` if the path names no model */
export function modelIn({ model }: RouteParams): string {
  if (!model) throw invalidRequest('The path names no model.', 'model')
  return model
}

/**
 * Refuses a body, or a part of one, that names another model than the path: readers could differ in which counts.
 * @param at path of `holder` with its dot, or ''
 */
export function refuseOther({ model: named }: JsonObject, model: string, at: string): void {
  if (named === undefined || named === null || named === model || named === `models/${model}`) return
  throw invalidRequest(`"${at}model" is not the model that the path names. Leave it out.`, `${at}model`)
}

/** The same bytes, with `model` wherever one of the `holders` in the body names one. */
export function renamed(bytes: Buffer, model: string, holders: (body: JsonObject) => unknown[]): Buffer {
  if (!bytes.includes('"model"')) return bytes
  const body = JSON.parse(bytes.toString()) as JsonObject
  for (const holder of holders(body)) if (isObject(holder) && 'model' in holder) holder.model = resourceName(model)
  return Buffer.from(JSON.stringify(body))
}
