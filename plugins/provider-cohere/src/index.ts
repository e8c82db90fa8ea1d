/** `@sluice/provider-cohere`: Cohere's API as an upstream. */
import { definePlugin, Type } from '@sluice/core'
import { ApiKey, httpOptionsOf, HttpOptions, httpProvider, withApiKeys } from '@sluice/provider-kit'

const BASE_URL = 'https://api.cohere.com'
const PATHS: { readonly [operation: string]: string } = {
  chat: '/v2/chat',
  embeddings: '/v2/embed',
  rerank: '/v2/rerank',
}

/** Adds the provider `cohere`. */
export const cohere = definePlugin({
  name: 'provider-cohere',
  version: '0.1.0',
  api: 1,
  id: 'cohere',
  options: Type.Object(
    {
      apiKey: ApiKey,
      baseUrl: Type.Optional(
        Type.String({ default: BASE_URL, description: 'Address of the API, without the version.' }),
      ),
      ...HttpOptions.properties,
    },
    { additionalProperties: false },
  ),
  setup({ options, addProvider, onClose }) {
    const { baseUrl = BASE_URL } = options
    const { provider, close } = withApiKeys(options.apiKey, (apiKey) =>
      httpProvider({
        vendor: 'cohere',
        dialect: 'cohere',
        baseUrl,
        path: (operation) => PATHS[operation],
        ...httpOptionsOf(options, { authorization: `Bearer ${apiKey}` }),
      }),
    )
    addProvider(provider)
    onClose(close)
  },
})
