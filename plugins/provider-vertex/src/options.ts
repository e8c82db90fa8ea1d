import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { HttpOptions } from '@sluice/provider-kit'

export const METADATA_URL = 'http://metadata.google.internal'

/** Of `accessToken` and `credentials`, one at most; without either, the metadata server is asked. */
export const VertexOptions = Type.Object(
  {
    project: Type.String({
      pattern: '^[a-z0-9][a-z0-9:.-]*$',
      description: 'Id of the Google Cloud project that pays.',
    }),
    location: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9-]+$',
        default: 'global',
        description: 'Where the models run, e.g. `us-east5`.',
      }),
    ),
    publisher: Type.Optional(
      Type.Union([Type.Literal('google'), Type.Literal('anthropic')], {
        default: 'google',
        description: 'Whose models: Gemini of Google, or Claude of Anthropic.',
      }),
    ),
    accessToken: Type.Optional(
      Type.String({ minLength: 1, description: 'Token that somebody else renews, sent as bearer token.' }),
    ),
    credentials: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Record(Type.String(), Type.String())], {
        description: "Key of a service account: the file's path, its JSON as a text, or as an object.",
      }),
    ),
    metadataUrl: Type.Optional(Type.String({ default: METADATA_URL, description: 'Address of the metadata server.' })),
    baseUrl: Type.Optional(
      Type.String({ description: 'Address of the API, without `/v1`. Default: that of the location.' }),
    ),
    ...HttpOptions.properties,
  },
  { additionalProperties: false },
)

export type VertexOptions = Static<typeof VertexOptions>
