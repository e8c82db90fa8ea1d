import type { Inspection, JsonObject } from '@sluice/core'
import { modelIn } from '../model-field.ts'
import { inputFields } from './inputs.ts'

/** The model; refuses what every upstream would refuse: no model or two, nothing to embed. */
export function inspect(body: JsonObject, bytes: Buffer): Inspection {
  const model = modelIn(body, bytes)
  inputFields(body)
  return { model, stream: false }
}
