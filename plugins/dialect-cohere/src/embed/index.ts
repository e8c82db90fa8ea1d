import type { BodyCodec, EmbeddingsRequest, EmbeddingsResponse } from '@sluice/core'
import { spliceString } from '@sluice/dialect-kit'
import { inspect } from './inspect.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeResponse, encodeResponse } from './response.ts'

/** `POST /v2/embed` (https://docs.cohere.com/v2/reference/embed). */
export const embed: BodyCodec<EmbeddingsRequest, EmbeddingsResponse> = {
  inspect,
  withModel: (bytes, model) => spliceString(bytes, 'model', model),
  decodeRequest,
  // Vectors of another length or form are of no use beside those that are there already.
  vital: ['dimensions', 'embedding_types'],
  encodeRequest,
  decodeResponse,
  encodeResponse,
}
