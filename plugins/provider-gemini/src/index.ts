/** `@sluice/provider-gemini`: Google's Gemini API as an upstream. */
import { definePlugin, invalidRequest, Type } from '@sluice/core'
import type { Operation } from '@sluice/core'
import { ApiKey, httpOptionsOf, HttpOptions, httpProvider, withApiKeys } from '@sluice/provider-kit'

const BASE_URL = 'https://generativelanguage.googleapis.com'
/** A model's name, or a resource such as `tunedModels/mine`. Nothing that could lead elsewhere. */
const MODEL = /^(?:(?:models|tunedModels)\/)?(?!.*\.\.)[\w.-]+$/

/** Adds the provider `gemini`. */
export const gemini = definePlugin({
  name: 'provider-gemini',
  version: '0.1.0',
  api: 1,
  id: 'gemini',
  options: Type.Object(
    {
      apiKey: ApiKey,
      baseUrl: Type.Optional(Type.String({ default: BASE_URL, description: 'Address of the API, without `/v1beta`.' })),
      ...HttpOptions.properties,
    },
    { additionalProperties: false },
  ),
  setup({ options, addProvider, onClose }) {
    const { baseUrl = BASE_URL } = options
    const { provider, close } = withApiKeys(options.apiKey, (apiKey) =>
      httpProvider({
        vendor: 'google',
        dialect: 'gemini',
        baseUrl,
        path: pathOf,
        ...httpOptionsOf(options, { 'x-goog-api-key': apiKey }),
      }),
    )
    addProvider(provider)
    onClose(close)
  },
})

const METHODS: { readonly [operation in Operation]?: string } = {
  chat: 'generateContent',
  'count-tokens': 'countTokens',
  embeddings: 'batchEmbedContents',
}

/** @throws GatewayError `invalid_request` for what is no name of a model */
function pathOf(operation: Operation, model: string, stream: boolean): string | undefined {
  const method = stream ? 'streamGenerateContent?alt=sse' : METHODS[operation]
  if (method === undefined) return undefined
  if (!MODEL.test(model)) throw invalidRequest(`"${model}" is not the name of a Gemini model.`, 'model')
  const resource = model.includes('/') ? model : `models/${model}`
  return `/v1beta/${resource}:${method}`
}
