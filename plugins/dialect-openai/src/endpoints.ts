/** What clients of these APIs call. */
import { GatewayError } from '@sluice/core'
import type { Endpoint, JsonObject, ModelEntry } from '@sluice/core'

/** None has a `match`: this dialect takes what no other one on the path wants. Azure's clients say the model in the path. */
export const chatEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/v1/chat/completions', operation: 'chat' },
  { method: 'POST', path: '/openai/v1/chat/completions', operation: 'chat' },
  { method: 'POST', path: '/openai/deployments/:deployment/chat/completions', operation: 'chat' },
  {
    method: 'GET',
    path: '/v1/models',
    operation: 'models',
    answer: ({ models }) => ({ object: 'list', data: models.map(modelObject) }),
  },
  {
    method: 'GET',
    path: '/v1/models/{*id}',
    operation: 'models',
    answer({ models }, { id }) {
      const entry = models.find(({ name }) => name === id)
      if (entry) return modelObject(entry)
      throw new GatewayError('model_not_found', `The model "${id ?? ''}" does not exist or is not yours to use.`, {
        param: 'model',
      })
    },
  },
]

export const responsesEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/v1/responses', operation: 'chat' },
  { method: 'POST', path: '/openai/v1/responses', operation: 'chat' },
]

function modelObject({ name, created, owners }: ModelEntry): JsonObject {
  return { id: name, object: 'model', created, owned_by: owners[0] ?? 'sluice' }
}
