import { Type } from '@sluice/core'
import type { Quirks } from '@sluice/provider-kit'

const Renames = (description: string) => Type.Optional(Type.Record(Type.String(), Type.String(), { description }))

/** Schema of the `quirks` option. */
export const QuirkOptions = Type.Optional(
  Type.Object(
    {
      rename: Renames('Field of the request → its name at this upstream.'),
      roles: Renames('Message role → its name at this upstream.'),
      unsupported: Type.Optional(
        Type.Array(Type.String(), { description: 'Fields that this upstream refuses: left out and reported.' }),
      ),
      unsupportedInMessages: Type.Optional(
        Type.Array(Type.String(), {
          description:
            'Fields of messages that this upstream refuses, such as `reasoning_content`: left out and reported.',
        }),
      ),
    },
    {
      additionalProperties: false,
      description: 'Where the upstream strays from the API, beside what is known of its vendor.',
    },
  ),
)

/** Both; where they differ, `more` holds. */
export function joined(known: Quirks, more: Quirks): Quirks {
  return {
    rename: { ...known.rename, ...more.rename },
    roles: { ...known.roles, ...more.roles },
    unsupported: [...(known.unsupported ?? []), ...(more.unsupported ?? [])],
    unsupportedInMessages: [...(known.unsupportedInMessages ?? []), ...(more.unsupportedInMessages ?? [])],
  }
}
