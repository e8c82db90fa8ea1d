/** Predictions of `predict`, which are embeddings, as the Gemini API's `batchEmbedContents` gives them. */
import { GatewayError } from '@sluice/core'
import type { JsonObject, WireProvider, WireReply } from '@sluice/core'
import { isObject, objectIn, spellingsOf } from './json.ts'

const EMBEDDINGS = spellingsOf('embeddings')
const STATISTICS = spellingsOf('statistics')

/** `provider`, whose predictions come as the Gemini API's embeddings. */
export function withGeminiEmbeddings(provider: WireProvider): WireProvider {
  const send: WireProvider['send'] = (request) => {
    const call = provider.send(request)
    if (request.operation !== 'embeddings' || request.raw) return call
    return { reply: call.reply.then(geminiReply), abort: (reason) => call.abort(reason) }
  }
  return { ...provider, send }
}

/** A refusal stays what it is. */
function geminiReply(reply: WireReply): WireReply {
  if (reply.status >= 300 || reply.body === undefined) return reply
  const body = geminiBody(parsed(reply.body))
  return { ...reply, body: Buffer.from(JSON.stringify(body)) }
}

/** @throws GatewayError `upstream_error` if there are no predictions */
function geminiBody(body: unknown): JsonObject {
  const { predictions, ...rest } = isObject(body) ? body : {}
  if (isObject(rest['error'])) return rest
  if (!Array.isArray(predictions)) return fail()
  const found = predictions.map((prediction) => objectIn(prediction, EMBEDDINGS) ?? fail())
  const promptTokenCount = found.reduce((sum, embedding) => sum + tokensOf(embedding), 0)
  return {
    ...rest,
    embeddings: found.map(geminiEmbedding),
    ...(promptTokenCount > 0 && { usageMetadata: { promptTokenCount } }),
  }
}

function geminiEmbedding(embedding: JsonObject): JsonObject {
  const statistics = objectIn(embedding, STATISTICS)
  if (statistics === undefined) return embedding
  const { token_count: tokenCount, ...others } = statistics
  return { ...embedding, statistics: { ...others, tokenCount } }
}

function tokensOf(embedding: JsonObject): number {
  const count = objectIn(embedding, STATISTICS)?.['token_count']
  return typeof count === 'number' && count > 0 ? count : 0
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return fail()
  }
}

function fail(): never {
  throw new GatewayError('upstream_error', 'The upstream sent a reply that is no list of predictions.')
}
