import { invalidRequest } from '@sluice/core'
import type { Inspection, JsonObject, RequestPlace } from '@sluice/core'
import { holdsMark, requiredArray } from '@sluice/dialect-kit'
import { modelIn, refuseOther } from '../model-name.ts'

/**
 * Model and stream mode stand in the path. Refuses what every upstream would refuse: no contents.
 * @param at path of `body` with its dot, where it is part of another
 */
export function inspect(body: JsonObject, bytes: Buffer, { path, params }: RequestPlace, at = ''): Inspection {
  const model = modelIn(params)
  if (requiredArray(body, 'contents', at).length === 0)
    throw invalidRequest(`"${at}contents" must have at least one item.`, `${at}contents`)
  refuseOther(body, model, at)
  const stream = /:streamGenerateContent\/?$/.test(path)
  return holdsMark(bytes) ? { model, stream, transformed: true } : { model, stream }
}
