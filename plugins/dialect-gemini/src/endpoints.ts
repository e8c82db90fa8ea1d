/** What Gemini's clients call, in both versions of the API's paths. */
import { GatewayError } from '@sluice/core'
import type { Endpoint, JsonObject, ModelEntry } from '@sluice/core'
import type { IncomingHttpHeaders } from 'node:http'

const VERSIONS = ['/v1beta', '/v1']

/** Names of models may hold slashes. The Vercel AI SDK takes one with a slash for the whole path of a resource. */
const MODELS = ['/v1beta/models/*model', '/v1/models/*model', '/v1beta/*model']

/** Google's clients name themselves, and send their key in a header or parameter that no other client uses. */
export function speaksGemini(headers: IncomingHttpHeaders, search = ''): boolean {
  return 'x-goog-api-key' in headers || 'x-goog-api-client' in headers || /[?&]key=/.test(search)
}

/** Whether a stream is to come as server-sent events; `$alt` is the API's other name for the parameter. */
function wantsEvents(search: string): boolean {
  return /[?&](?:\$|%24)?alt=sse(?:&|$)/.test(search)
}

const methods = MODELS.flatMap((model): Endpoint[] => [
  { method: 'POST', path: `${model}\\:generateContent`, operation: 'chat' },
  {
    method: 'POST',
    path: `${model}\\:streamGenerateContent`,
    operation: 'chat',
    match: (_, search) => wantsEvents(search),
  },
  { method: 'POST', path: `${model}\\:countTokens`, operation: 'count-tokens' },
  { method: 'POST', path: `${model}\\:batchEmbedContents`, operation: 'embeddings' },
])

const lists = VERSIONS.flatMap((version): Endpoint[] => {
  // Other dialects list models under /v1, too.
  const shared = version === '/v1' ? { match: speaksGemini } : {}
  return [
    {
      method: 'GET',
      path: `${version}/models`,
      operation: 'models',
      ...shared,
      answer: ({ models }) => ({ models: models.map(modelInfo) }),
    },
    {
      method: 'GET',
      path: `${version}/models/{*id}`,
      operation: 'models',
      ...shared,
      answer({ models }, { id = '' }) {
        const model = models.find(({ name }) => name === id)
        if (model === undefined) throw new GatewayError('model_not_found', `There is no model "${id}".`)
        return modelInfo(model)
      },
    },
  ]
})

export const endpoints: readonly Endpoint[] = [...methods, ...lists]

/** Streams that the dialect of server-sent events leaves. */
export const arrayEndpoints: readonly Endpoint[] = MODELS.map((model) => ({
  method: 'POST',
  path: `${model}\\:streamGenerateContent`,
  operation: 'chat',
}))

export const singleEndpoints: readonly Endpoint[] = MODELS.map((model) => ({
  method: 'POST',
  path: `${model}\\:embedContent`,
  operation: 'embeddings',
}))

/** What can be asked of a model by name; whether it can do it, only its provider knows. */
const METHODS = ['generateContent', 'streamGenerateContent', 'countTokens', 'embedContent', 'batchEmbedContents']

function modelInfo({ name, owners, about = {} }: ModelEntry): JsonObject {
  return {
    name: `models/${name}`,
    baseModelId: name,
    displayName: name,
    description: `Served by ${owners.join(', ')}.`,
    ...(about.contextWindow && { inputTokenLimit: about.contextWindow }),
    ...(about.maxOutputTokens && { outputTokenLimit: about.maxOutputTokens }),
    supportedGenerationMethods: METHODS,
  }
}
