/** Embeddings in both directions, in the form of `batchEmbedContents`. */
import { GatewayError } from '@sluice/core'
import type { Embedding, EmbeddingsResponse, JsonObject, Usage } from '@sluice/core'
import { isObject, listOf, objectOf } from '@sluice/dialect-kit'
import { decodeUsage } from '../chat/usage.ts'
import { decodeErrorBody } from '../errors.ts'
import { keep, kept, NAME, restore, spellingOf } from '../extensions.ts'

const FIELDS = new Set(['embeddings', 'usageMetadata'])

/** @throws GatewayError `upstream_error` if there are no vectors in it, and the error that it is, if it is one */
export function decodeBatchResponse(body: JsonObject): EmbeddingsResponse {
  if (isObject(body.error)) throw decodeErrorBody(body)
  const { embeddings } = body
  if (!Array.isArray(embeddings)) throw notOfGemini()
  const usage = objectOf(body.usageMetadata)
  return {
    operation: 'embeddings',
    embeddings: embeddings.map((embedding: unknown, index) => ({ index, values: { float: vectorIn(embedding) } })),
    ...(usage && { usage: countedUsage(usage) }),
    extensions: { [NAME]: {} },
    ...keep(body, FIELDS, { embeddings }),
  }
}

function vectorIn(embedding: unknown): number[] {
  const values = isObject(embedding) ? embedding.values : undefined
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'number')) throw notOfGemini()
  return values
}

function notOfGemini(): GatewayError {
  return new GatewayError('upstream_error', 'The upstream sent a reply that is no list of embeddings of Gemini.')
}

/** The details have another name here than in chats. */
function countedUsage(raw: JsonObject): Usage {
  const { promptTokenDetails, promptTokensDetails = promptTokenDetails } = raw
  return { ...decodeUsage({ ...raw, promptTokensDetails }), raw }
}

export function encodeBatchResponse(response: EmbeddingsResponse): JsonObject {
  const came = listOf(spellingOf(response).embeddings)
  const { embeddings, usage } = response
  const ordered = [...embeddings].sort((one, other) => one.index - other.index)
  return {
    ...restore(response),
    embeddings: ordered.map((embedding) => encodeEmbedding(embedding, came[embedding.index])),
    ...(usage && { usageMetadata: encodeUsage(usage, kept(response) !== undefined) }),
  }
}

function encodeEmbedding({ values }: Embedding, came: unknown): JsonObject {
  const vector = floatsOf(values)
  return isObject(came) && came.values === vector ? came : { values: vector }
}

/** In whatever form it is: Gemini's clients know only numbers. */
function floatsOf({ float, base64, ...others }: Embedding['values']): number[] {
  if (Array.isArray(float)) return float
  if (typeof base64 === 'string') return floatsIn(Buffer.from(base64, 'base64'))
  return Object.values(others).find((vector) => Array.isArray(vector)) ?? []
}

function floatsIn(bytes: Buffer): number[] {
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4))
}

/** @param own whether `usage.raw` is Gemini's own accounting */
function encodeUsage({ input, raw }: Usage, own: boolean): JsonObject {
  return own && raw !== undefined ? raw : { promptTokenCount: input.total }
}
