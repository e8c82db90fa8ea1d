/** Claude on Vertex AI: Anthropic's Messages API, with the model in the path and the version in the body. */
import type { JsonObject, Operation, WireProvider } from '@sluice/core'

const VERSION = 'vertex-2023-10-16'

/**
 * `provider`, with each body as Vertex AI wants it. Not by `adapt`: the kernel puts the target's model into
 * what that returns, and a body without a model has no place for it.
 */
export function withClaudeBodies(provider: WireProvider): WireProvider {
  const send: WireProvider['send'] = (request) => {
    const { body, raw, operation } = request
    // What passes unread goes as it is.
    if (raw || !Buffer.isBuffer(body)) return provider.send(request)
    return provider.send({ ...request, body: vertexBody(body, operation) })
  }
  return { ...provider, send }
}

/** Where tokens are counted, the path names no model. */
function vertexBody(body: Buffer, operation: Operation): Buffer {
  const { model, ...rest } = JSON.parse(body.toString()) as JsonObject
  const named = operation === 'count-tokens' ? { model, ...rest } : rest
  return Buffer.from(JSON.stringify({ ...named, anthropic_version: VERSION }))
}
