import type { BodyCodec, RerankRequest, RerankResponse } from '@sluice/core'
import { spliceString } from '@sluice/dialect-kit'
import { inspect } from './inspect.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeResponse, encodeResponse } from './response.ts'

/** `POST /v2/rerank` (https://docs.cohere.com/v2/reference/rerank), and the APIs modelled on it. */
export const rerank: BodyCodec<RerankRequest, RerankResponse> = {
  inspect,
  withModel: (bytes, model) => spliceString(bytes, 'model', model),
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
}
