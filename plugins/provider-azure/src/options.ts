import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { HttpOptions } from '@sluice/provider-kit'

/** Of the public cloud; national ones have their own. */
export const AUTHORITY = 'https://login.microsoftonline.com'
export const SCOPE = 'https://cognitiveservices.azure.com/.default'

const Entra = Type.Object(
  {
    tenantId: Type.String({ minLength: 1, description: 'Directory in which the application is registered.' }),
    clientId: Type.String({ minLength: 1, description: 'Id of the application.' }),
    clientSecret: Type.String({ minLength: 1, description: 'Secret of the application.' }),
    authority: Type.Optional(Type.String({ default: AUTHORITY, description: 'Address of Microsoft Entra.' })),
    scope: Type.Optional(Type.String({ default: SCOPE, description: 'What the token is for.' })),
  },
  {
    additionalProperties: false,
    description: 'Application of Microsoft Entra ID, whose tokens are fetched, cached and renewed.',
  },
)

/** Of `apiKey`, `accessToken` and `entra`, one is needed. */
export const AzureOptions = Type.Object(
  {
    baseUrl: Type.String({
      minLength: 1,
      description: 'Address of the resource, e.g. `https://my-resource.openai.azure.com`.',
    }),
    apiVersion: Type.Optional(
      Type.String({
        default: 'v1',
        pattern: '^(v1|preview|\\d{4}-\\d{2}-\\d{2}(-preview)?)$',
        description: '`v1`, `preview`, or a date such as `2024-10-21` for the API of deployments.',
      }),
    ),
    apiKey: Type.Optional(Type.String({ minLength: 1, description: 'Key of the resource, sent as `api-key`.' })),
    accessToken: Type.Optional(
      Type.String({ minLength: 1, description: 'Token that somebody else renews, sent as bearer token.' }),
    ),
    entra: Type.Optional(Entra),
    ...HttpOptions.properties,
  },
  { additionalProperties: false },
)

export type EntraOptions = Static<typeof Entra>
export type AzureOptions = Static<typeof AzureOptions>
