/** `@sluice/provider-anthropic`: Anthropic's API as an upstream. */
import { definePlugin, Type } from '@sluice/core'
import { ApiKey, httpOptionsOf, HttpOptions, httpProvider, withApiKeys } from '@sluice/provider-kit'

const BASE_URL = 'https://api.anthropic.com'
const VERSION = '2023-06-01'
const PATHS: { readonly [operation: string]: string } = {
  chat: '/v1/messages',
  'count-tokens': '/v1/messages/count_tokens',
}

/** Adds the provider `anthropic`. */
export const anthropic = definePlugin({
  name: 'provider-anthropic',
  version: '0.1.0',
  api: 1,
  id: 'anthropic',
  options: Type.Object(
    {
      apiKey: ApiKey,
      baseUrl: Type.Optional(Type.String({ default: BASE_URL, description: 'Address of the API, without `/v1`.' })),
      version: Type.Optional(
        Type.String({ default: VERSION, description: '`anthropic-version` of requests whose client names none.' }),
      ),
      beta: Type.Optional(
        Type.Array(Type.String(), { description: '`anthropic-beta` of requests whose client names none.' }),
      ),
      ...HttpOptions.properties,
    },
    { additionalProperties: false },
  ),
  setup({ options, addProvider, onClose }) {
    const { baseUrl = BASE_URL, version = VERSION, beta = [] } = options
    const { provider, close } = withApiKeys(options.apiKey, (apiKey) =>
      httpProvider({
        vendor: 'anthropic',
        dialect: 'anthropic',
        baseUrl,
        path: (operation) => PATHS[operation],
        ...httpOptionsOf(options, {
          'x-api-key': apiKey,
          'anthropic-version': version,
          ...(beta.length > 0 && { 'anthropic-beta': beta.join(',') }),
        }),
      }),
    )
    addProvider(provider)
    onClose(close)
  },
})
