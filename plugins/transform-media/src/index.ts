/** `@sluice/transform-media`: media by address, fetched for providers that take only bytes. */
import { definePlugin, Duration, Size, Type } from '@sluice/core'
import { isPublic } from './address.ts'
import { setUp } from './set-up.ts'

/** Taps `transformRequest`: what stands at an address on one of `hosts` goes to such providers as bytes. */
export const fetchMedia = definePlugin({
  name: 'transform-media',
  version: '0.1.0',
  api: 1,
  options: Type.Object(
    {
      hosts: Type.Array(
        Type.String({ pattern: '^[\\w.*-]+(:\\d+)?$', examples: ['*.example.com', 'example.com:8443'] }),
        {
          minItems: 1,
          description:
            'Hosts to fetch from; `*` stands for any run of characters. A port is that of the scheme unless it is named.',
        },
      ),
      dialects: Type.Optional(
        Type.Array(Type.String(), {
          default: ['bedrock'],
          description: 'Dialects of the providers that take only bytes.',
        }),
      ),
      maxSize: Type.Optional(Size('Most that the media of one request have, all together.', '10mb')),
      timeout: Type.Optional(Duration('Time that fetching all media of a request may take.', '10s')),
      maxParts: Type.Optional(
        Type.Integer({ minimum: 1, default: 16, description: 'Most media by address in a request.' }),
      ),
    },
    { additionalProperties: false },
  ),
  setup: (context) => setUp(context, isPublic),
})
