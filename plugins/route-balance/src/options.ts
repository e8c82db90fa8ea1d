import { Duration, Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { STRATEGIES } from '@sluice/route-kit'

const strategy = (fallback: object) =>
  Type.Optional(
    Type.Enum(STRATEGIES, { ...fallback, description: 'How the targets of a model are ordered, the best first.' }),
  )

const Sticky = Type.Object(
  {
    by: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^(session|user|key|team|prefix|(header|metadata):[\\w.-]{1,64})$',
          examples: ['session', 'user', 'key', 'team', 'prefix', 'header:x-my-session', 'metadata:thread'],
          description: 'Where the word is taken from.',
        }),
        {
          minItems: 1,
          description:
            'What keeps to its target: the first of these that a request has. Default: `session`, `user`, `key`.',
        },
      ),
    ),
    otherwise: Type.Optional(
      Type.Enum(['next', 'refuse'], {
        description:
          'If its target is out: `next` (default), the one that is its second choice, always the same; `refuse`, nothing else.',
      }),
    ),
  },
  { additionalProperties: false, description: 'For the strategy `sticky`.' },
)

const words = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { minItems: 1, maxItems: 64, description }))

/** What a target must be to be used at all. */
export const Require = Type.Object(
  {
    regions: words('Regions that it may run in; `*` stands for any run of characters.'),
    tags: words('Tags that it must have, all of them.'),
  },
  { additionalProperties: false, description: 'What a target must be to be used at all.' },
)
export type Require = Static<typeof Require>

/** The section `route` of a model; what it leaves out is as the plugin's options say. */
export const RouteSection = Type.Object(
  { strategy: strategy({}), sticky: Type.Optional(Sticky), require: Type.Optional(Require) },
  { additionalProperties: false },
)
export type RouteSection = Static<typeof RouteSection>

export const Options = Type.Object(
  {
    strategy: strategy({ default: 'ordered' }),
    sticky: Type.Optional(Sticky),
    require: Type.Optional(Require),
    decay: Type.Optional(Duration('Time until what was measured of a target counts for a third.', '10s')),
    exploration: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 0.5,
        default: 0.003,
        description:
          'Part of the requests with which `latency` and `throughput` try a target that was not tried lately.',
      }),
    ),
    avoidFailing: Type.Optional(
      Type.Boolean({
        default: true,
        description:
          'Whether a target that fails time after time comes last for a while. A plugin that provides `Health` decides it instead.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Options = Static<typeof Options>
