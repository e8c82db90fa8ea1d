/** Answers of `POST /v2/embed`, in both directions. */
import { GatewayError, invalidRequest } from '@sluice/core'
import type { Embedding, EmbeddingsRequest, EmbeddingsResponse, JsonObject, ReplyContext } from '@sluice/core'
import { defined, isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { errorIn } from '../errors.ts'
import { extended, kept, leftovers, restore, spellingOf } from '../extensions.ts'
import { decodeMeta, encodeMeta } from '../meta.ts'
import { vectorAs } from './vectors.ts'

const FIELDS = new Set(['id', 'embeddings'])

/** @throws GatewayError `upstream_error` if it is no answer, and the error that it is, if it is one */
export function decodeResponse(body: JsonObject): EmbeddingsResponse {
  const error = errorIn(body)
  if (error !== undefined) throw error
  const { embeddings: wire } = body
  // Version 1 of the API lists the vectors if it was asked for no form.
  const forms = Array.isArray(wire) ? { float: wire } : objectOf(wire)
  if (forms === undefined) throw new GatewayError('upstream_error', 'The upstream sent a reply without embeddings.')
  const { rest, spelling } = leftovers(body, FIELDS, { wire })
  return defined<EmbeddingsResponse>({
    operation: 'embeddings',
    id: textOf(body.id),
    model: textOf(body.model),
    embeddings: decodeVectors(forms),
    usage: isObject(body.meta) ? decodeMeta(body.meta) : undefined,
    ...extended(rest, spelling),
  })
}

/** Cohere sorts vectors by form, the canonical model by input. */
function decodeVectors(forms: JsonObject): Embedding[] {
  const embeddings: Embedding[] = []
  for (const [format, vectors] of Object.entries(forms))
    for (const [index, vector] of listOf(vectors).entries()) {
      const { values } = (embeddings[index] ??= { index, values: {} })
      if (Array.isArray(vector) || typeof vector === 'string') values[format] = vector
    }
  return embeddings
}

/** @throws GatewayError `invalid_request` if the provider gave nothing of a form that was asked for */
export function encodeResponse(response: EmbeddingsResponse, context: ReplyContext<EmbeddingsRequest>): JsonObject {
  const id = response.id ?? context.id
  const { embeddings } = response
  if (kept(response) !== undefined)
    return { ...restore(response), id, embeddings: encodeOwn(embeddings, spellingOf(response).wire) }
  const { inputs, formats = ['float'] } = context.request
  const texts = inputs.filter((input) => typeof input === 'string')
  return {
    id,
    embeddings: Object.fromEntries(formats.map((format) => [format, inForm(embeddings, format)])),
    ...(texts.length === inputs.length && { texts }),
    meta: encodeMeta(response.usage),
    response_type: 'embeddings_by_type',
  }
}

/** In the forms that there were. */
function encodeOwn(embeddings: readonly Embedding[], wire: unknown): unknown {
  const vectors = (format: string): unknown[] => embeddings.map(({ values }) => values[format] ?? null)
  if (!isObject(wire)) return vectors('float')
  const forms = Object.entries(wire).map(([format, was]) => [format, Array.isArray(was) ? vectors(format) : was])
  return Object.fromEntries(forms)
}

/** In the order of the inputs. */
function inForm(embeddings: readonly Embedding[], format: string): unknown[] {
  const sorted = embeddings.toSorted((one, other) => one.index - other.index)
  return sorted.map((embedding) => {
    const vector = vectorAs(embedding, format)
    if (vector !== undefined) return vector
    throw invalidRequest(`The model gives no "${format}" embeddings.`, 'embedding_types')
  })
}
