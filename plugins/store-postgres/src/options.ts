import { Duration, Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { ServerTls } from '@sluice/store-kit'

export const Options = Type.Object(
  {
    url: Type.String({
      minLength: 1,
      description: '`postgres://user:password@host:5432/database`; with `?sslmode=require` or `tls`, over TLS.',
    }),
    password: Type.Optional(Type.String({ description: 'Password, if it is not in the url.' })),
    schema: Type.Optional(
      Type.String({
        default: 'sluice',
        pattern: '^[a-z_][a-z0-9_]{0,40}$',
        examples: ['sluice', 'gateway_2'],
        description: 'Schema that holds all tables. It is made if it is not there.',
      }),
    ),
    poolSize: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        default: 10,
        description: 'Connections of a process, at most; three more for long work.',
      }),
    ),
    deadline: Type.Optional(Duration('Time that a call may take.', '2s')),
    longDeadline: Type.Optional(
      Duration('Time that adding up a journal or pruning it may take, and at boot changing the schema.', '8s'),
    ),
    connectTimeout: Type.Optional(Duration('Time that PostgreSQL may take at boot to be reached.', '2s')),
    required: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Whether the gateway refuses to boot without PostgreSQL. Otherwise it connects when it can.',
      }),
    ),
    tls: Type.Optional(ServerTls),
  },
  { additionalProperties: false },
)

export type Options = Static<typeof Options>
