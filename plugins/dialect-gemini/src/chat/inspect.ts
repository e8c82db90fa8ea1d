import { invalidRequest } from '@sluice/core'
import type { Inspection, JsonObject, RequestPlace } from '@sluice/core'
import { requiredArray } from '@sluice/dialect-kit'

/** Model and stream mode stand in the path. Refuses what every upstream would refuse: no contents. */
export function inspect(body: JsonObject, _bytes: Buffer, { path, params }: RequestPlace): Inspection {
  const { model } = params
  if (!model) throw invalidRequest('The path names no model.', 'model')
  if (requiredArray(body, 'contents').length === 0)
    throw invalidRequest('"contents" must have at least one item.', 'contents')
  // Readers could differ in which of the two counts.
  const named = body.model
  if (named !== undefined && named !== null && named !== model && named !== `models/${model}`) {
    throw invalidRequest('"model" is not the model that the path names. Leave it out.', 'model')
  }
  return { model, stream: /:streamGenerateContent\/?$/.test(path) }
}
