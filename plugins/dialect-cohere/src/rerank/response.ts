/** Answers of `POST /v2/rerank`, in both directions. */
import { GatewayError } from '@sluice/core'
import type { JsonObject, ReplyContext, RerankRequest, RerankResponse } from '@sluice/core'
import { countOf, defined, isObject, objectOf, textOf } from '@sluice/dialect-kit'
import { errorIn } from '../errors.ts'
import { extended, keep, kept, leftovers, restore } from '../extensions.ts'
import { decodeMeta, encodeMeta } from '../meta.ts'

type Result = RerankResponse['results'][number]

const FIELDS = new Set(['id', 'results'])
const RESULT_FIELDS = new Set(['index', 'relevance_score', 'document'])

/** @throws GatewayError `upstream_error` if it is no answer, and the error that it is, if it is one */
export function decodeResponse(body: JsonObject): RerankResponse {
  const error = errorIn(body)
  if (error !== undefined) throw error
  if (!Array.isArray(body.results)) throw noRanking()
  const { rest, spelling } = leftovers(body, FIELDS)
  return defined<RerankResponse>({
    operation: 'rerank',
    id: textOf(body.id),
    model: textOf(body.model),
    results: body.results.map(decodeResult),
    usage: usageIn(body),
    ...extended(rest, spelling),
  })
}

/** A result without place or score would be a wrong ranking. */
function decodeResult(item: unknown): Result {
  const { index, relevance_score: score, document } = objectOf(item) ?? {}
  if (typeof index !== 'number' || typeof score !== 'number') throw noRanking()
  const isDocument = typeof document === 'string' || isObject(document)
  return { index, score, ...(isDocument && { document }), ...keep(item as JsonObject, RESULT_FIELDS) }
}

function noRanking(): GatewayError {
  return new GatewayError('upstream_error', 'The upstream sent a reply without a ranking.')
}

/** Cohere counts in `meta`; others with an API of this kind (Jina, OpenRouter, …) in `usage`. */
function usageIn({ meta, usage }: JsonObject): RerankResponse['usage'] {
  if (isObject(meta)) return decodeMeta(meta)
  if (!isObject(usage)) return undefined
  const total = countOf(usage.total_tokens ?? usage.prompt_tokens)
  return { input: { total, cacheRead: 0, cacheWrite: 0 }, output: { total: 0, reasoning: 0 }, raw: usage }
}

export function encodeResponse(response: RerankResponse, context: ReplyContext<RerankRequest>): JsonObject {
  const isOwn = kept(response) !== undefined
  const { documents, returnDocuments } = context.request
  const results = response.results.map((result): JsonObject => {
    const { index, score } = result
    // Providers that do not send documents back leave that to the gateway.
    const document = result.document ?? (returnDocuments && !isOwn ? documents[index] : undefined)
    const isBare = !isOwn && typeof document === 'string'
    return {
      ...restore(result),
      index,
      relevance_score: score,
      ...(document !== undefined && { document: isBare ? { text: document } : document }),
    }
  })
  return {
    ...restore(response),
    id: response.id ?? context.id,
    results,
    ...(!isOwn && { meta: encodeMeta(response.usage) }),
  }
}
