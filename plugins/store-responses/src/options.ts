import { Duration, Size, Type } from '@sluice/core'
import type { Static } from '@sluice/core'

export const Options = Type.Object(
  {
    ttl: Type.Optional(Duration('How long a response can be retrieved and continued.', '30d')),
    size: Type.Optional(
      Size('Most that one response takes, with the conversation before it. What is larger is not kept.', '4mb'),
    ),
    storeTimeout: Type.Optional(Duration('Time that a call of the store may take.', '2s')),
    backgroundRuns: Type.Optional(
      Type.Integer({ minimum: 0, default: 64, description: 'Background responses under way at once in a process.' }),
    ),
    backgroundTimeout: Type.Optional(Duration('Time that a background response may take.', '1h')),
  },
  { additionalProperties: false },
)

export type Options = Static<typeof Options>
