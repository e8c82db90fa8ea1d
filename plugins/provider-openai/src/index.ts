/** `@sluice/provider-openai`: OpenAI's API as an upstream. */
import { definePlugin, Type } from '@sluice/core'
import { ApiKey, httpOptionsOf, HttpOptions, httpProvider, withApiKeys } from '@sluice/provider-kit'
import { adapt, dialectsOf, pathOf } from './api.ts'

const BASE_URL = 'https://api.openai.com/v1'

/** Adds the provider `openai`. */
export const openai = definePlugin({
  name: 'provider-openai',
  version: '0.1.0',
  api: 1,
  id: 'openai',
  options: Type.Object(
    {
      apiKey: ApiKey,
      baseUrl: Type.Optional(
        Type.String({ default: BASE_URL, description: 'Address of the API, with the version in its path.' }),
      ),
      api: Type.Optional(
        Type.Enum(['chat', 'responses'], {
          default: 'chat',
          description: 'Which API chats of other dialects go to: Chat Completions, or Responses.',
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
    const { baseUrl = BASE_URL, api = 'chat', organization, project } = options
    const { provider, close } = withApiKeys(options.apiKey, (apiKey) =>
      httpProvider({
        vendor: 'openai',
        ...dialectsOf(api),
        baseUrl,
        path: (operation, _model, _stream, dialect) => pathOf(operation, dialect),
        adapt,
        ...httpOptionsOf(options, {
          authorization: `Bearer ${apiKey}`,
          ...(organization !== undefined && { 'openai-organization': organization }),
          ...(project !== undefined && { 'openai-project': project }),
        }),
      }),
    )
    addProvider(provider)
    onClose(close)
  },
})
