/** `@sluice/provider-openai`: OpenAI's API as an upstream. */
import { definePlugin, Type } from '@sluice/core'
import type { WireProvider } from '@sluice/core'
import { adapter, httpOptionsOf, HttpOptions, httpProvider, THOUGHT_FIELDS } from '@sluice/provider-kit'
import { withoutForeignThoughts } from './foreign-thoughts.ts'

const BASE_URL = 'https://api.openai.com/v1'

interface Api {
  dialect: string
  /** By operation. */
  paths: { readonly [operation: string]: string }
  adapt: NonNullable<WireProvider['adapt']>
}

const APIS: { readonly [name in 'chat' | 'responses']: Api } = {
  chat: {
    dialect: 'openai-chat',
    paths: { chat: '/chat/completions' },
    // It shows no thoughts, and models differ in whether they take unknown fields of messages.
    adapt: adapter({ unsupportedInMessages: THOUGHT_FIELDS }),
  },
  responses: { dialect: 'openai-responses', paths: { chat: '/responses' }, adapt: withoutForeignThoughts },
}

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
      api: Type.Optional(
        Type.Enum(['chat', 'responses'], {
          default: 'chat',
          description: 'Which API chats go to: Chat Completions, or Responses.',
        }),
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
    const { apiKey, baseUrl = BASE_URL, api = 'chat', organization, project } = options
    const { dialect, paths, adapt } = APIS[api]
    const { provider, close } = httpProvider({
      dialect,
      baseUrl,
      path: (operation) => paths[operation],
      adapt,
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
