/** Embeddings (https://ai.google.dev/api/embeddings): of many contents, or of one. */
import { GatewayError, invalidRequest } from '@sluice/core'
import type { BodyCodec, EmbeddingsRequest, EmbeddingsResponse, JsonObject } from '@sluice/core'
import { isObject, itemObject, requiredArray, requiredObject } from '@sluice/dialect-kit'
import { decodeErrorBody } from '../errors.ts'
import { modelIn, refuseOther, renamed } from '../model-name.ts'
import { decodeItem } from './item.ts'
import { decodeBatch, decodeItems, encodeBatch } from './request.ts'
import { decodeBatchResponse, encodeBatchResponse } from './response.ts'

type EmbeddingsCodec = BodyCodec<EmbeddingsRequest, EmbeddingsResponse>

/** `batchEmbedContents`, which upstreams are asked for any number of contents. */
export const batchEmbedContents: EmbeddingsCodec = {
  inspect(body, _bytes, { params }) {
    const model = modelIn(params)
    const requests = requiredArray(body, 'requests')
    if (requests.length === 0) throw invalidRequest('"requests" must have at least one item.', 'requests')
    for (const [index, item] of requests.entries())
      refuseOther(itemObject(item, `requests[${index}]`), model, `requests[${index}].`)
    refuseOther(body, model, '')
    return { model, stream: false }
  },
  withModel: (bytes, model) =>
    renamed(bytes, model, (body) => [body, ...(Array.isArray(body.requests) ? (body.requests as unknown[]) : [])]),
  decodeRequest: decodeBatch,
  encodeRequest: encodeBatch,
  decodeResponse: decodeBatchResponse,
  encodeResponse: encodeBatchResponse,
}

/** `embedContent`: the same of one content, and without the lists. */
export const embedContent: EmbeddingsCodec = {
  inspect(body, _bytes, { params }) {
    const model = modelIn(params)
    requiredObject(body, 'content')
    refuseOther(body, model, '')
    return { model, stream: false }
  },
  withModel: (bytes, model) => renamed(bytes, model, (body) => [body]),
  decodeRequest: (body) => decodeItems([decodeItem(body, '')], {}),
  encodeRequest(request, context) {
    if (request.inputs.length !== 1) throw invalidRequest('Exactly one input can be embedded at once.', 'input')
    const [item] = encodeBatch(request, context).requests as [JsonObject]
    return item
  },
  decodeResponse({ embedding, ...body }) {
    if (isObject(body.error)) throw decodeErrorBody(body)
    return decodeBatchResponse({ ...body, embeddings: embedding === undefined ? undefined : [embedding] })
  },
  encodeResponse(response) {
    const { embeddings, ...body } = encodeBatchResponse(response)
    const [embedding] = embeddings as JsonObject[]
    if (embedding === undefined) throw new GatewayError('upstream_error', 'The upstream sent no embedding.')
    return { embedding, ...body }
  },
}
