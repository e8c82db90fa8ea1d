/** What operators write. */
import { Duration, Type } from '@sluice/core'
import type { Static } from '@sluice/core'

const closed = { additionalProperties: false }
const TARGET = '^[^/]+/.+$'
/** Names of rollouts and arms: they end up in URLs, headers and ids of records. */
const NAME = '^[A-Za-z0-9][\\w.-]{0,99}$'

const Targets = (description: string) =>
  Type.Unsafe<string | string[]>({
    type: ['string', 'array'],
    pattern: TARGET,
    examples: ['provider/model'],
    items: { type: 'string', pattern: TARGET },
    minItems: 1,
    description,
  })

const Ratio = Type.Number({ minimum: 1, maximum: 1000, description: 'Times that of the stable arm at most, e.g. 1.3.' })
const Quantile = Type.Optional(
  Type.Number({ minimum: 0.05, maximum: 0.99, default: 0.95, description: 'Which part is looked at: 0.5, 0.95.' }),
)

export const SCORE_NAME = '^[A-Za-z][\\w.-]{0,63}$'

export const Guardrails = Type.Object(
  {
    errorRate: Type.Optional(
      Type.Object(
        {
          max: Type.Number({
            minimum: 0,
            maximum: 1,
            description: 'By how much it may exceed that of the stable arm, e.g. 0.02.',
          }),
        },
        { ...closed, description: 'Part of its requests that an arm could not answer.' },
      ),
    ),
    latency: Type.Optional(
      Type.Object(
        { maxRatio: Ratio, quantile: Quantile },
        { ...closed, description: 'Time until an answer has ended.' },
      ),
    ),
    ttft: Type.Optional(
      Type.Object({ maxRatio: Ratio, quantile: Quantile }, { ...closed, description: 'Time until a stream begins.' }),
    ),
    cost: Type.Optional(Type.Object({ maxRatio: Ratio }, { ...closed, description: 'Money per request.' })),
    feedback: Type.Optional(
      Type.Object(
        {
          maxDrop: Type.Number({ minimum: 0, description: 'By how much scores may be lower on average.' }),
          name: Type.Optional(
            Type.String({ pattern: SCORE_NAME, default: 'default', description: 'Which score, if there are several.' }),
          ),
        },
        { ...closed, description: 'Scores that clients give.' },
      ),
    ),
  },
  {
    ...closed,
    description:
      'How much worse than the stable arm another may be. Default: `{ errorRate: { max: 0.05 } }`; `{}` for none.',
  },
)
export type Guardrails = Static<typeof Guardrails>

const Step = Type.Object(
  {
    percent: Type.Number({ exclusiveMinimum: 0, maximum: 100, description: 'Of the traffic.' }),
    for: Duration('How long at least.'),
  },
  closed,
)

const ArmSchema = Type.Object(
  {
    targets: Targets('`provider/model`, or several.'),
    weight: Type.Optional(
      Type.Number({ minimum: 0, default: 1, description: 'Its share, beside those of the others; 0 for nothing.' }),
    ),
  },
  closed,
)

const RolloutFields = {
  kind: Type.Optional(
    Type.Enum(['canary', 'blue-green', 'experiment'], { default: 'canary', description: 'How traffic is moved.' }),
  ),
  stable: Type.Optional(
    Targets('Targets that serve so far. Default: those of the model that are not the candidate’s.'),
  ),
  candidate: Type.Optional(Targets('Targets that are to serve in their place (canary, blue-green).')),
  percent: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 100,
      description: 'Of the traffic that goes to the candidate, until told otherwise (canary).',
    }),
  ),
  steps: Type.Optional(
    Type.Array(Step, {
      minItems: 1,
      maxItems: 50,
      description: 'Share of the candidate by and by; after the last, or with 100 percent, it is promoted (canary).',
    }),
  ),
  arms: Type.Optional(
    Type.Record(Type.String({ pattern: NAME }), ArmSchema, {
      ...closed,
      minProperties: 2,
      maxProperties: 20,
      description: 'Name → targets and weight (experiment). The first is what the others are compared with.',
    }),
  ),
  by: Type.Optional(
    Type.Enum(['request', 'key', 'user', 'session', 'header'], {
      description:
        'What stays on its side: a key, a user (the caller’s, that of the body, or the key), a session (header `x-session-id`), a value of `header`; `request`: nothing, chance decides. Default: `user` for experiments, else `request`.',
    }),
  ),
  header: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,99}$',
      description: 'Lower-case name of the header, for `by: header`.',
    }),
  ),
  guardrails: Type.Optional(Guardrails),
  alpha: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 0.5,
      default: 0.05,
      description:
        'Chance at most that arms that are no worse than allowed are ever rolled back, over the whole rollout.',
    }),
  ),
  minSamples: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 50,
      description: 'Requests that each arm must have had in a step before it is judged, or ended.',
    }),
  ),
  advanceWithoutTraffic: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Whether a step may end though its arms had fewer requests than that.',
    }),
  ),
  watch: Type.Optional(
    Duration(
      'How long after a promotion guardrails may still undo it. Default: as a step of 100 percent says, else `1h`.',
    ),
  ),
}

/** The section `rollout` of a model. */
export const RolloutSection = Type.Object(
  {
    name: Type.Optional(Type.String({ pattern: NAME, description: 'What operators call it. Default: as the model.' })),
    ...RolloutFields,
  },
  { ...closed, description: 'How its traffic is moved between versions.' },
)

/** One by name. */
export const RolloutSchema = Type.Object(
  { model: Type.String({ minLength: 1, maxLength: 256, description: 'As clients name it.' }), ...RolloutFields },
  closed,
)
export type RolloutDefinition = Static<typeof RolloutSchema>

/** As it is stored, and written by operators while the gateway runs. */
export const StoredRollout = Type.Object(
  { name: Type.String({ pattern: NAME, description: 'What it is called; its id.' }), ...RolloutSchema.properties },
  closed,
)

export const Options = Type.Object(
  {
    rollouts: Type.Optional(
      Type.Record(Type.String({ pattern: NAME }), RolloutSchema, {
        ...closed,
        description: 'Name → `model`, and what the section `rollout` of a model takes.',
      }),
    ),
    interval: Type.Optional(Duration('How often counts are shared, and guardrails judge.', '1s')),
    retention: Type.Optional(
      Duration('How long it is known which arm served an exchange: until then clients may give feedback.', '7d'),
    ),
  },
  closed,
)
export type Options = Static<typeof Options>
