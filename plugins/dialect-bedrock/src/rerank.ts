/** Rerankers by InvokeModel: Cohere's, in the words of its second API, and Amazon's, which have fewer of the same. */
import { GatewayError, invalidRequest } from '@sluice/core'
import type { JsonObject, RerankRequest, RerankResponse } from '@sluice/core'
import { defined, dropExtensions, objectOf } from '@sluice/dialect-kit'
import { extended, leftovers } from './extensions.ts'
import { upstreamOnly } from './upstream-only.ts'

const FIELDS = new Set(['results'])
const RESULT_FIELDS = new Set(['index', 'relevance_score'])

/** `POST /model/{model}/invoke` with Cohere's and Amazon's models. */
export const rerank = upstreamOnly<RerankRequest, RerankResponse>({
  // That documents are to come back is nothing to ask for: they are at hand where the answer is written.
  encodeRequest(request, context) {
    const { query, documents, topN, maxTokensPerDocument } = request
    const { model } = context
    if (!/\.rerank/.test(model))
      throw invalidRequest(`"${model}" is not known to rerank; Cohere's and Amazon's rerankers do.`, 'model')
    const isCohere = /cohere\.rerank/.test(model)
    if (maxTokensPerDocument !== undefined && !isCohere)
      context.drop('max_tokens_per_doc', 'the model has no such parameter')
    dropExtensions(request.extensions, (param, why) => context.drop(param, why))
    return defined<JsonObject>({
      query,
      documents: documents.map(documentText),
      top_n: topN,
      max_tokens_per_doc: isCohere ? maxTokensPerDocument : undefined,
      api_version: isCohere ? 2 : undefined,
    })
  },
  decodeResponse(body) {
    if (!Array.isArray(body.results)) throw noRanking()
    return {
      operation: 'rerank',
      results: body.results.map(decodeResult),
      ...extended(leftovers(body, FIELDS) ?? {}),
    }
  },
})

/** Bedrock's models take texts: of an object its only text, else its JSON. */
function documentText(document: string | JsonObject): string {
  if (typeof document === 'string') return document
  const { text, ...more } = document
  return typeof text === 'string' && Object.keys(more).length === 0 ? text : JSON.stringify(document)
}

/** A result without place or score would make a wrong ranking. */
function decodeResult(item: unknown): RerankResponse['results'][number] {
  const result = objectOf(item) ?? {}
  const { index, relevance_score: score } = result
  if (typeof index !== 'number' || typeof score !== 'number') throw noRanking()
  return { index, score, ...extended(leftovers(result, RESULT_FIELDS)) }
}

function noRanking(): GatewayError {
  return new GatewayError('upstream_error', 'The upstream sent a reply without a ranking.')
}
