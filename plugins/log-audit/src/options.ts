import { Duration, Type } from '@sluice/core'

export const options = Type.Object(
  {
    retention: Type.Optional(Duration('Time that entries are kept; for ever if absent.')),
    refusals: Type.Optional(
      Type.Integer({
        minimum: 0,
        default: 10,
        description: 'Refused accesses that are noted one by one, in a second at most; those beyond are counted.',
      }),
    ),
    whenUnavailable: Type.Optional(
      Type.Enum(['allow', 'refuse'], {
        default: 'allow',
        description: 'What becomes of changes by operators while nothing can be recorded.',
      }),
    ),
    secret: Type.Optional(
      Type.String({
        minLength: 16,
        description: 'Key of the hashes: without it nobody can write rows that verify. Stays the same for good.',
      }),
    ),
  },
  { additionalProperties: false },
)
