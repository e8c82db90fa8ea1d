/** `@sluice/provider-openai`: OpenAI's API as an upstream. */
import { definePlugin, Type } from '@sluice/core'
import { adapter, httpOptionsOf, HttpOptions, httpProvider, THOUGHT_FIELDS } from '@sluice/provider-kit'

const BASE_URL = 'https://api.openai.com/v1'
const PATHS: { readonly [operation: string]: string } = { chat: '/chat/completions' }

/** Adds the provider `openai`. */
export const openai = definePlugin({
  name: 'provider-openai',
  version: '0.1.0',
  api: 1,
  id: 'openai',
  options: Type.Object(
    {
      apiKey: Type.String({ minLength: 1, description: 'Credential, sent as bearer token.' }),
      baseUrl: Type.Optional(
        Type.String({ default: BASE_URL, description: 'Address of the API, with the version in its path.' }),
      ),
      organization: Type.Optional(
        Type.String({ description: 'Organization that pays, if the key belongs to several.' }),
      ),
      project: Type.Optional(Type.String({ description: 'Project that pays, if the key belongs to several.' })),
      ...HttpOptions.properties,
    },
    { additionalProperties: false },
  ),
  setup({ options, addProvider, onClose }) {
    const { apiKey, baseUrl = BASE_URL, organization, project } = options
    const { provider, close } = httpProvider({
      dialect: 'openai-chat',
      baseUrl,
      path: (operation) => PATHS[operation],
      // Its API shows no thoughts, and models differ in whether they take unknown fields of messages.
      adapt: adapter({ unsupportedInMessages: THOUGHT_FIELDS }),
      ...httpOptionsOf(options, {
        authorization: `Bearer ${apiKey}`,
        ...(organization !== undefined && { 'openai-organization': organization }),
        ...(project !== undefined && { 'openai-project': project }),
      }),
    })
    addProvider(provider)
    onClose(close)
  },
})
