/** Answers, both directions. */
import { GatewayError } from '@sluice/core'
import type { Embedding, EmbeddingsRequest, EmbeddingsResponse, JsonObject, ReplyContext, Usage } from '@sluice/core'
import { countOf, defined, objectOf, textOf, toBase64, toFloats, withCost } from '@sluice/dialect-kit'
import { inlineError } from '../chat/errors.ts'
import { DIALECT, keptIn } from '../chat/extensions.ts'
import { fields, keep, restore } from '../kept.ts'

// `object` is not listed, so that it is kept.
const FIELDS = fields('id data model usage')

/** Throws `upstream_error` if the body is not of the dialect, and the error that it is if it is one. */
export function decodeResponse(body: JsonObject): EmbeddingsResponse {
  const { data } = body
  if (!Array.isArray(data))
    throw inlineError(body) ?? new GatewayError('upstream_error', 'The upstream sent a reply without embeddings.')
  return defined<EmbeddingsResponse>({
    operation: 'embeddings',
    id: textOf(body.id),
    model: textOf(body.model),
    embeddings: data.map(decodeEmbedding),
    usage: decodeUsage(objectOf(body.usage)),
    extensions: { [DIALECT]: keep(body, FIELDS) },
  })
}

function decodeEmbedding(item: unknown, position: number): Embedding {
  const wire = objectOf(item)
  if (wire === undefined)
    throw new GatewayError('upstream_error', 'The upstream sent an embedding that is not an object.')
  const { embedding: vector, index } = wire
  return { index: typeof index === 'number' ? index : position, values: valuesOf(vector) }
}

function valuesOf(vector: unknown): Embedding['values'] {
  if (typeof vector === 'string') return { base64: vector }
  return Array.isArray(vector) ? { float: vector as number[] } : {}
}

/** Voyage and Jina count the total only. */
function decodeUsage(raw: JsonObject | undefined): Usage | undefined {
  const total = raw?.prompt_tokens ?? raw?.total_tokens
  if (raw === undefined || typeof total !== 'number') return undefined
  return {
    input: { total: countOf(total), cacheRead: 0, cacheWrite: 0 },
    output: { total: 0, reasoning: 0 },
    raw,
  }
}

/** A client gets its vectors in the form it asked for, whichever one the upstream sent. */
export function encodeResponse(response: EmbeddingsResponse, context: ReplyContext<EmbeddingsRequest>): JsonObject {
  const { id, model = context.model, usage } = response
  const [format = 'float'] = context.request.formats ?? []
  return {
    object: 'list',
    ...restore(keptIn(response)),
    ...defined({ id }),
    data: response.embeddings.map(({ index, values }) => ({
      object: 'embedding',
      index,
      embedding: vectorIn(values, format),
    })),
    model,
    ...(usage && { usage: encodeUsage(usage) }),
  }
}

function vectorIn(values: Embedding['values'], format: string): unknown {
  const { float, base64 } = values
  if (values[format] !== undefined) return values[format]
  if (format === 'base64' && Array.isArray(float)) return toBase64(float)
  if (format === 'float' && typeof base64 === 'string') return toFloats(base64)
  return Object.values(values)[0]
}

function encodeUsage(usage: Usage): JsonObject {
  const { input, raw } = usage
  const counts = { prompt_tokens: input.total, total_tokens: input.total, ...(raw?.total_tokens !== undefined && raw) }
  return withCost(counts, usage)
}
