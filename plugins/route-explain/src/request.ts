import { codecOf, invalidRequest, withinStack } from '@sluice/core'
import type { CanonicalRequest, Dialect, JsonObject, Operation } from '@sluice/core'

/** What can be decoded from a body. */
export const OPERATIONS = ['chat', 'embeddings', 'rerank', 'count-tokens'] as const satisfies Operation[]

/**
 * The request that a client would have made with this body.
 * @throws GatewayError `invalid_request` if there is no such dialect, or it cannot read the body
 */
export function requestIn(
  body: JsonObject,
  name: string,
  operation: (typeof OPERATIONS)[number],
  dialects: ReadonlyMap<string, Dialect>,
): CanonicalRequest {
  const dialect = dialects.get(name)
  if (!dialect) {
    const known = [...dialects.keys()].join(', ')
    throw invalidRequest(`The gateway has no dialect "${name}". It has: ${known || 'none'}.`, 'dialect')
  }
  const codec = codecOf(dialect, operation)
  if (!codec) throw invalidRequest(`The dialect "${name}" has no words for "${operation}".`, 'operation')
  return withinStack(() => {
    const { model: field } = body
    const params = typeof field === 'string' ? { model: field } : {}
    const { model, stream } = codec.inspect(body, Buffer.from(JSON.stringify(body)), { path: '', params })
    return { ...codec.decodeRequest(body), model, stream }
  })
}
