/** Embeddings by InvokeModel: each family of models has a form of its own. */
import { GatewayError, invalidRequest } from '@sluice/core'
import type { EmbeddingsRequest, EmbeddingsResponse, JsonObject, RequestContext } from '@sluice/core'
import { dropExtensions } from '@sluice/dialect-kit'
import { upstreamOnly } from '../upstream-only.ts'
import { decodeCohere, encodeCohereV3, encodeCohereV4 } from './cohere.ts'
import { decodeTitan, encodeTitanImage, encodeTitanV1, encodeTitanV2 } from './titan.ts'

type Encode = (request: EmbeddingsRequest, context: RequestContext) => JsonObject

/** By the model's id: the first that matches counts. */
const FAMILIES: readonly (readonly [pattern: RegExp, encode: Encode])[] = [
  [/titan-embed-image/, encodeTitanImage],
  [/titan-embed-(?:text-v1|g1)/, encodeTitanV1],
  [/titan-embed/, encodeTitanV2],
  [/cohere\.embed-(?:english|multilingual)/, encodeCohereV3],
  [/cohere\.embed/, encodeCohereV4],
]

/** `POST /model/{model}/invoke` with Titan's and Cohere's models. */
export const embeddings = upstreamOnly<EmbeddingsRequest, EmbeddingsResponse>({
  encodeRequest(request, context) {
    const { model } = context
    const encode = FAMILIES.find(([pattern]) => pattern.test(model))?.[1]
    if (encode === undefined)
      throw invalidRequest(`"${model}" is not known to make embeddings; Titan's and Cohere's models do.`, 'model')
    if (request.user !== undefined) context.drop('user', 'Bedrock has no such parameter')
    dropExtensions(request.extensions, (param, why) => context.drop(param, why))
    return encode(request, context)
  },
  decodeResponse(body) {
    const response = decodeTitan(body) ?? decodeCohere(body)
    if (response === undefined)
      throw new GatewayError('upstream_error', 'The upstream sent a reply without embeddings.')
    return response
  },
})
