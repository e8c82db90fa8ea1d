/** The codec of the embeddings operation. */
import type { BodyCodec, EmbeddingsRequest, EmbeddingsResponse } from '@sluice/core'
import { withModel } from '../model-field.ts'
import { decodeRequest, inspect } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'
import { decodeResponse, encodeResponse } from './response.ts'

/** `POST /v1/embeddings` (https://platform.openai.com/docs/api-reference/embeddings). */
export const embeddings: BodyCodec<EmbeddingsRequest, EmbeddingsResponse> = {
  inspect,
  withModel,
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
}
