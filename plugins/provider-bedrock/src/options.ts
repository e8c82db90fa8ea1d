import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { HttpOptions } from '@sluice/provider-kit'

const Secret = (description: string) => Type.Optional(Type.String({ minLength: 1, description }))

export const BedrockOptions = Type.Object(
  {
    region: Type.Optional(
      Type.String({ description: 'Region of AWS, e.g. `eu-central-1`. Without it, `AWS_REGION` in the environment.' }),
    ),
    apiKey: Secret('A Bedrock API key, sent as a bearer token in place of a signature.'),
    accessKeyId: Secret('Access key to sign with. Without it and `apiKey`, credentials are looked for.'),
    secretAccessKey: Secret('Its secret.'),
    sessionToken: Secret('Its session token, if it is a temporary one.'),
    profile: Type.Optional(
      Type.String({ minLength: 1, description: "Profile of AWS's shared files whose keys to sign with." }),
    ),
    baseUrl: Type.Optional(
      Type.String({ description: 'Address of the API. Without it, `https://bedrock-runtime.<region>.amazonaws.com`.' }),
    ),
    endpoints: Type.Optional(
      Type.Object(
        {
          sts: Type.Optional(Type.String({ description: 'Security Token Service.' })),
          container: Type.Optional(Type.String({ description: 'Credentials of an ECS task.' })),
          instance: Type.Optional(Type.String({ description: 'Metadata of an EC2 instance.' })),
        },
        {
          additionalProperties: false,
          description: 'Addresses of the services that give credentials, where they are not the usual ones.',
        },
      ),
    ),
    ...HttpOptions.properties,
  },
  { additionalProperties: false },
)
export type BedrockOptions = Static<typeof BedrockOptions>
