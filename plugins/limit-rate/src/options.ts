import { Duration, Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { COUNTS, DIMENSIONS, Match, Per, PRIORITIES } from '@sluice/limit-kit'

const share = (name: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: `Part of every count that is kept for ${name}.` }))

/** One rule, in the config or in the Store. */
export const LimitRule = Type.Object(
  {
    name: Type.String({
      pattern: '^[\\w.:-]{1,64}$',
      examples: ['per-team', 'free:chat'],
      description: 'How errors, headers and logs call it.',
    }),
    per: Type.Optional(Per(DIMENSIONS)),
    match: Type.Optional(Match),
    ...COUNTS,
    priority: Type.Optional(
      Type.Enum(PRIORITIES, {
        description: 'Class of the requests that it is for, unless their key or team says one.',
      }),
    ),
    shares: Type.Optional(
      Type.Object(
        { high: share('the class `high`'), normal: share('the class `normal`'), low: share('the class `low`') },
        {
          additionalProperties: false,
          description: 'Divides the counts among the classes. What is left over is for all.',
        },
      ),
    ),
    saturation: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'Others borrow of a share until this part of it is in use; 0.8 if absent.',
      }),
    ),
    queue: Type.Optional(
      Type.Object(
        {
          max: Type.Integer({
            minimum: 1,
            maximum: 100_000,
            description: 'Requests that wait for one counter, in a process.',
          }),
          timeout: Duration('How long one waits; 25 s at most.'),
        },
        { additionalProperties: false, description: 'Requests wait for their turn before they are refused.' },
      ),
    ),
  },
  { additionalProperties: false },
)
export type LimitRule = Static<typeof LimitRule>

export const Options = Type.Object(
  {
    rules: Type.Optional(
      Type.Array(LimitRule, { description: 'Limits beside those of keys, users, teams and organisations.' }),
    ),
    defaultOutput: Type.Optional(
      Type.Integer({
        minimum: 0,
        default: 4096,
        description: 'Tokens of output that a request without a limit of its own is taken to need, per choice.',
      }),
    ),
    whenUnavailable: Type.Optional(
      Type.Enum(['allow', 'refuse'], {
        default: 'allow',
        description: 'What happens to requests while the counters are out of reach.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Options = Static<typeof Options>
