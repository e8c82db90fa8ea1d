/** What keys, users, teams and organisations say of their own limits and budgets. */
import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { Money, Increase, Period, SoftAt } from './money.ts'
import { RateText } from './rate.ts'

/** From the one that waits least to the one that waits most. */
export const PRIORITIES = ['high', 'normal', 'low'] as const
export type Priority = (typeof PRIORITIES)[number]

/** What a limit counts; spread it into the schema of a rule. */
export const COUNTS = {
  requests: Type.Optional(RateText('Requests in a span of time.')),
  tokens: Type.Optional(RateText('Tokens of input and output together in a span of time.')),
  inputTokens: Type.Optional(RateText('Tokens of input in a span of time.')),
  outputTokens: Type.Optional(RateText('Tokens of output in a span of time.')),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Requests at once.' })),
}

/** The section `limits` of a key, a user, a team or an organisation. */
export const LimitsSection = Type.Object(
  {
    ...COUNTS,
    priority: Type.Optional(
      Type.Enum(PRIORITIES, { description: 'Class of its requests where a limit is shared out, or waited for.' }),
    ),
  },
  { additionalProperties: false, description: 'How much it may ask for in a span of time.' },
)
export type LimitsSection = Static<typeof LimitsSection>

/** The section `budget` of a key, a user, a team or an organisation. */
export const BudgetSection = Type.Object(
  { amount: Money, period: Period, softAt: SoftAt, increase: Increase },
  { additionalProperties: false, description: 'How much money it may spend in a period.' },
)
export type BudgetSection = Static<typeof BudgetSection>
