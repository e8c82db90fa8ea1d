import { Duration, Type } from '@sluice/core'
import { ServerTls } from '@sluice/store-kit'
import type { Static } from '@sluice/core'

export const Options = Type.Object(
  {
    url: Type.String({
      minLength: 1,
      description: '`redis://user:password@host:6379/0`, or `rediss://…` for TLS.',
    }),
    password: Type.Optional(Type.String({ description: 'Password, if it is not in the url.' })),
    prefix: Type.Optional(
      Type.String({
        default: 'sluice:',
        maxLength: 100,
        description: 'What the names of all keys begin with. Gateways with the same one share their counts.',
      }),
    ),
    deadline: Type.Optional(Duration('Time that a call may take.', '200ms')),
    connectTimeout: Type.Optional(
      Duration('Time that connecting may take; at boot, until Redis must have answered.', '2s'),
    ),
    required: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Whether the gateway refuses to boot without Redis. Otherwise it connects when it can.',
      }),
    ),
    tls: Type.Optional(ServerTls),
  },
  { additionalProperties: false },
)

export type Options = Static<typeof Options>
