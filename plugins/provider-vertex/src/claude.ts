/** Claude on Vertex AI: Anthropic's Messages API, with the model in the path and the version in the body. */
import type { JsonObject, WireProvider } from '@sluice/core'

const VERSION = 'vertex-2023-10-16'

/**
 * `provider`, with each body as Vertex AI wants it. Not by `adapt`: the kernel puts the target's model into
 * what that returns, and a body without a model has no place for it.
 */
export function withClaudeBodies(provider: WireProvider): WireProvider {
  const send: WireProvider['send'] = (request) => {
    const { body, raw } = request
    // What passes unread goes as it is.
    return provider.send(raw || !Buffer.isBuffer(body) ? request : { ...request, body: vertexBody(body) })
  }
  return { ...provider, send }
}

function vertexBody(body: Buffer): Buffer {
  const { model: _, ...rest } = JSON.parse(body.toString()) as JsonObject
  return Buffer.from(JSON.stringify({ ...rest, anthropic_version: VERSION }))
}
