import { GatewayError } from '@sluice/core'
import type { Endpoint, JsonObject, ModelEntry } from '@sluice/core'
import type { IncomingHttpHeaders } from 'node:http'

/** Cohere's own SDKs name themselves, in a header of their generator (`cohere-ai`, `cohere`, …) and as user agent. */
export function speaksCohere(headers: IncomingHttpHeaders): boolean {
  const sdk = headers['x-fern-sdk-name']
  if (typeof sdk === 'string' && sdk.includes('cohere')) return true
  return headers['user-agent']?.startsWith('cohere') ?? false
}

function modelInfo({ name, about = {} }: ModelEntry): JsonObject {
  return {
    name,
    // Which of them a model has is known to its provider only.
    endpoints: ['chat', 'embed', 'rerank'],
    default_endpoints: [],
    finetuned: false,
    is_deprecated: false,
    ...(about.contextWindow && { context_length: about.contextWindow }),
  }
}

/** What Cohere's clients call. The model list shares its paths with other dialects. */
export const endpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/v2/chat', operation: 'chat' },
  { method: 'POST', path: '/v2/embed', operation: 'embeddings' },
  { method: 'POST', path: '/v2/rerank', operation: 'rerank' },
  {
    method: 'GET',
    path: '/v1/models',
    operation: 'models',
    match: speaksCohere,
    answer: ({ models }) => ({ models: models.map(modelInfo) }),
  },
  {
    method: 'GET',
    path: '/v1/models/{*id}',
    operation: 'models',
    match: speaksCohere,
    answer({ models }, { id = '' }) {
      const model = models.find(({ name }) => name === id)
      if (model === undefined) throw new GatewayError('model_not_found', `There is no model "${id}".`)
      return modelInfo(model)
    },
  },
]
