/** Where Vertex AI is, and where in it a model is. */
import { invalidRequest } from '@sluice/core'
import type { Operation } from '@sluice/core'

/** Regions that are several: their addresses are made in another way. */
const MULTI_REGIONS = new Set(['us', 'eu'])
/** A model's name, with a version if it has one, or a tuned model's endpoint. Nothing that could lead elsewhere. */
const MODEL = /^(?:endpoints\/)?(?!.*\.\.)[\w.@-]+$/

/** Address of the API for models that run at `location`. */
export function baseUrlOf(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com'
  if (MULTI_REGIONS.has(location)) return `https://aiplatform.${location}.rep.googleapis.com`
  return `https://${location}-aiplatform.googleapis.com`
}

export interface Publisher {
  dialect: string
  /** What is called for an operation, and for a stream, with its query. */
  methods: { readonly [operation in Operation | 'stream']?: string }
  /** Stands in place of the model where tokens are counted. */
  counter?: string
}

export const PUBLISHERS: { readonly [name in 'google' | 'anthropic']: Publisher } = {
  google: {
    dialect: 'gemini',
    methods: {
      chat: 'generateContent',
      stream: 'streamGenerateContent?alt=sse',
      'count-tokens': 'countTokens',
      embeddings: 'predict',
    },
  },
  anthropic: {
    dialect: 'anthropic',
    methods: { chat: 'rawPredict', stream: 'streamRawPredict', 'count-tokens': 'rawPredict' },
    counter: 'count-tokens',
  },
}

/**
 * Paths of a project's models.
 * @throws GatewayError `invalid_request` (from the path) for what is no name of a model
 */
export function pathsFor(project: string, location: string, publisher: 'google' | 'anthropic') {
  const { methods, counter } = PUBLISHERS[publisher]
  const parent = `/v1/projects/${project}/locations/${location}`
  return (operation: Operation, model: string, stream: boolean): string | undefined => {
    const method = methods[stream ? 'stream' : operation]
    if (method === undefined) return undefined
    if (!MODEL.test(model)) throw invalidRequest(`"${model}" is not the name of a model on Vertex AI.`, 'model')
    const name = operation === 'count-tokens' ? (counter ?? model) : model
    const resource = name.startsWith('endpoints/') ? name : `publishers/${publisher}/models/${name}`
    return `${parent}/${resource}:${method}`
  }
}
