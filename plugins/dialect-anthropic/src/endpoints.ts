import { GatewayError } from '@sluice/core'
import type { Endpoint, JsonObject, ModelEntry } from '@sluice/core'
import type { IncomingHttpHeaders } from 'node:http'

/** Every Anthropic client names the version of the API that it speaks; no other client does. */
export function speaksAnthropic(headers: IncomingHttpHeaders): boolean {
  return 'anthropic-version' in headers
}

function modelInfo({ name, created, about = {} }: ModelEntry): JsonObject {
  return {
    type: 'model',
    id: name,
    display_name: name,
    created_at: new Date(created * 1000).toISOString(),
    ...(about.contextWindow && { max_input_tokens: about.contextWindow }),
    ...(about.maxOutputTokens && { max_tokens: about.maxOutputTokens }),
  }
}

/** What Anthropic's clients call. The model list shares its paths with other dialects. */
export const endpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/v1/messages', operation: 'chat' },
  { method: 'POST', path: '/v1/messages/count_tokens', operation: 'count-tokens' },
  {
    method: 'GET',
    path: '/v1/models',
    operation: 'models',
    match: speaksAnthropic,
    answer({ models }) {
      const ids = models.map((model) => model.name)
      return { data: models.map(modelInfo), has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null }
    },
  },
  {
    method: 'GET',
    path: '/v1/models/{*id}',
    operation: 'models',
    match: speaksAnthropic,
    answer({ models }, { id = '' }) {
      const model = models.find(({ name }) => name === id)
      if (model === undefined) throw new GatewayError('model_not_found', `There is no model "${id}".`)
      return modelInfo(model)
    },
  },
]
