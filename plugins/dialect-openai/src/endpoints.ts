/** What clients of these APIs call. None has a `match`: these dialects take what no other one on the path wants. */
import { GatewayError } from '@sluice/core'
import type { Endpoint, JsonObject, ModelEntry, Operation } from '@sluice/core'

/** Of OpenAI's clients, and of those of Azure's v1 API. */
const BASES = ['/v1', '/openai/v1']
/** Older clients of Azure say the model in the path. */
const DEPLOYMENT = '/openai/deployments/:deployment'

function posts(operation: Operation, bases: readonly string[], ...paths: string[]): Endpoint[] {
  return paths.flatMap((path) => bases.map((base): Endpoint => ({ method: 'POST', path: `${base}${path}`, operation })))
}

/** What may be asked of a deployment, too. */
function modelPosts(operation: Operation, ...paths: string[]): Endpoint[] {
  return posts(operation, [...BASES, DEPLOYMENT], ...paths)
}

export const chatEndpoints: readonly Endpoint[] = [
  ...modelPosts('chat', '/chat/completions'),
  ...modelPosts('embeddings', '/embeddings'),
  ...modelPosts('images', '/images/generations'),
  ...modelPosts('speech', '/audio/speech'),
  ...posts('moderations', BASES, '/moderations'),
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

export const completionsEndpoints = modelPosts('chat', '/completions')
export const responsesEndpoints = posts('chat', BASES, '/responses')
export const inputTokensEndpoints = posts('count-tokens', BASES, '/responses/input_tokens')
export const rerankEndpoints = posts('rerank', ['/v1'], '/rerank')
export const imageFormEndpoints = modelPosts('images', '/images/edits', '/images/variations')
export const audioFormEndpoints = modelPosts('transcription', '/audio/transcriptions', '/audio/translations')

export const heldEndpoints: readonly Endpoint[] = BASES.flatMap((base): Endpoint[] => [
  ...posts('files', [base], '/files', '/uploads', '/uploads/:id/parts', '/uploads/:id/complete', '/uploads/:id/cancel'),
  { method: 'GET', path: `${base}/files`, operation: 'files' },
  { method: 'GET', path: `${base}/files/:id`, operation: 'files' },
  { method: 'DELETE', path: `${base}/files/:id`, operation: 'files' },
  { method: 'GET', path: `${base}/files/:id/content`, operation: 'files' },
  ...posts('batches', [base], '/batches', '/batches/:id/cancel'),
  { method: 'GET', path: `${base}/batches`, operation: 'batches' },
  { method: 'GET', path: `${base}/batches/:id`, operation: 'batches' },
])

/** What is known beyond OpenAI's own fields has the names that OpenRouter gave it; prices are dollars a token. */
function modelObject({ name, created, owners, about = {} }: ModelEntry): JsonObject {
  const { contextWindow, maxOutputTokens, inputPrice, outputPrice, capabilities } = about
  const price = (million: number | undefined): string | undefined =>
    million === undefined ? undefined : (million / 1e6).toFixed(12).replace(/\.?0+$/, '')
  return {
    id: name,
    object: 'model',
    created,
    owned_by: owners[0] ?? 'sluice',
    ...(contextWindow && { context_length: contextWindow }),
    ...(maxOutputTokens && { max_completion_tokens: maxOutputTokens }),
    ...((inputPrice ?? outputPrice) !== undefined && {
      pricing: { prompt: price(inputPrice), completion: price(outputPrice) },
    }),
    ...(capabilities && { capabilities }),
  }
}
