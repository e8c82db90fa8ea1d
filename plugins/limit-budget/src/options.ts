import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { Increase, Match, Money, Per, Period, SoftAt } from '@sluice/limit-kit'

const TimeZone = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 64, description }))

/** One budget, in the config or in the Store. */
export const BudgetRule = Type.Object(
  {
    name: Type.String({
      pattern: '^[\\w.:-]{1,64}$',
      examples: ['per-team', 'research:gpt'],
      description: 'How errors, alerts and logs call it.',
    }),
    per: Type.Optional(Per(['key', 'user', 'team', 'organisation', 'model', 'tag', 'global'])),
    match: Type.Optional(Match),
    amount: Money,
    period: Period,
    softAt: SoftAt,
    increase: Increase,
    timeZone: TimeZone('Time zone of its days, weeks and months, if not that of the option.'),
  },
  { additionalProperties: false },
)
export type BudgetRule = Static<typeof BudgetRule>

export const Options = Type.Object(
  {
    rules: Type.Optional(
      Type.Array(BudgetRule, { description: 'Budgets beside those of keys, users, teams and organisations.' }),
    ),
    timeZone: TimeZone('In which days, weeks and months begin, e.g. `Europe/Berlin`; UTC if absent.'),
    unknownPrice: Type.Optional(
      Type.Enum(['allow', 'refuse'], {
        default: 'allow',
        description:
          'What happens to targets of which nobody knows the price: they are used and cost nothing, or are left out.',
      }),
    ),
    whenUnavailable: Type.Optional(
      Type.Enum(['allow', 'refuse'], {
        default: 'refuse',
        description: 'What happens to requests while the counters are out of reach.',
      }),
    ),
    defaultOutput: Type.Optional(
      Type.Integer({
        minimum: 0,
        default: 4096,
        description: 'Tokens of output that a request without a limit of its own is taken to need, per choice.',
      }),
    ),
    leastOutput: Type.Optional(
      Type.Integer({
        minimum: 0,
        default: 512,
        description:
          'The same where the budget would not hold that: it may then be overdrawn by what such a request needs beyond it.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Options = Static<typeof Options>
