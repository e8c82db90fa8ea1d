import { invalidRequest } from '@sluice/core'
import type { Inspection, JsonObject } from '@sluice/core'
import { requiredArray, requiredString } from '@sluice/dialect-kit'
import { modelIn } from '../model-field.ts'

/** The model; refuses what every upstream would refuse: no model or two, no query, nothing to rank. */
export function inspect(body: JsonObject, bytes: Buffer): Inspection {
  const model = modelIn(body, bytes)
  requiredString(body, 'query')
  if (requiredArray(body, 'documents').length === 0)
    throw invalidRequest('"documents" must have at least one document.', 'documents')
  return { model, stream: false }
}
