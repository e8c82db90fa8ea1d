/** The codecs of the rerank operation: the form of Jina's and Cohere's first API, which many vendors share, and Voyage's. */
import { invalidRequest } from '@sluice/core'
import type { BodyCodec, Inspection, JsonObject, RequestPlace, RerankRequest, RerankResponse } from '@sluice/core'
import { optionalBoolean, optionalNumber, requiredArray, requiredString } from '@sluice/dialect-kit'
import { modelIn, withModel } from '../model-field.ts'
import type { RerankForm } from './form.ts'
import { requestIn } from './request.ts'
import { responseIn } from './response.ts'

export function rerankCodec(form: RerankForm): BodyCodec<RerankRequest, RerankResponse> {
  return { inspect, withModel, ...requestIn(form), ...responseIn(form) }
}

/** Looks at the top level only: every verbatim request passes here. */
function inspect(body: JsonObject, bytes: Buffer, place: RequestPlace): Inspection {
  const model = modelIn(body, bytes, place)
  requiredString(body, 'query')
  optionalNumber(body, 'top_n')
  optionalBoolean(body, 'return_documents')
  if (requiredArray(body, 'documents').length === 0)
    throw invalidRequest('"documents" must hold at least one document.', 'documents')
  return { model, stream: false }
}
