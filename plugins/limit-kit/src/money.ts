/** The terms in which budgets are written. */
import { Type } from '@sluice/core'

/** More nano-dollars than this no integer counts exactly. */
const MOST_DOLLARS = 9_000_000

/** US dollars. */
export const Money = Type.Number({ exclusiveMinimum: 0, maximum: MOST_DOLLARS, description: 'US dollars in a period.' })

/** A calendar period, for ever, or a rolling one in days. */
export const Period = Type.Unsafe<string>({
  type: 'string',
  pattern: '^(day|week|month|total|[1-9]\\d{0,3}d)$',
  examples: ['day', 'week', 'month', 'total', '30d'],
  description:
    'Of the calendar (weeks begin on Monday), `total` for ever, or rolling: `30d` gives back evenly in 30 days.',
})

export const SoftAt = Type.Optional(
  Type.Number({
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    description: 'Part of the amount at which an alert is given, once a period, e.g. 0.8.',
  }),
)

export const Increase = Type.Optional(
  Type.Object(
    {
      amount: Type.Number({ exclusiveMinimum: 0, maximum: MOST_DOLLARS, description: 'US dollars beside the amount.' }),
      until: Type.Unsafe<string>({
        type: 'string',
        pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:\\d\\d)$',
        examples: ['2026-12-01T00:00:00Z'],
        description: 'When it ends.',
      }),
    },
    { additionalProperties: false, description: 'More for a while.' },
  ),
)
