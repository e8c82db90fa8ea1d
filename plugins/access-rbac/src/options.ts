import { Type } from '@sluice/core'
import { ROLE } from './schemas.ts'

export const Options = Type.Object(
  {
    roles: Type.Optional(
      Type.Record(Type.String(), Type.Object(ROLE, { additionalProperties: false }), {
        description: 'Roles beside the built-in ones and those that the administration interface keeps, by name.',
      }),
    ),
    unknown: Type.Optional(
      Type.Enum(['allow', 'refuse'], {
        default: 'allow',
        description: 'What to do with callers whose user, team or organisation has no record.',
      }),
    ),
  },
  { additionalProperties: false },
)
