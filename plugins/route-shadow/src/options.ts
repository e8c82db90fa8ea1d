import { Duration, Type } from '@sluice/core'
import type { Static } from '@sluice/core'

const closed = { additionalProperties: false }
const Names = (description: string) => Type.Optional(Type.Array(Type.String(), { description }))
const Percent = (description: string) => Type.Number({ minimum: 0, maximum: 100, description })

/** What can be compared. */
export const MEASURES = ['latency', 'tokens', 'cost', 'similarity', 'judge'] as const
export type Measure = (typeof MEASURES)[number]

const WhenSchema = Type.Object(
  {
    keys: Type.Optional(
      Type.Object(
        {
          ids: Names('Ids of keys.'),
          tags: Names('Tags, of which the caller has one.'),
          teams: Names('Ids of teams.'),
        },
        { ...closed, description: 'Callers that it is for.' },
      ),
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Literal(true)]), {
        description: 'Header → its exact value, or true for "present".',
      }),
    ),
  },
  { ...closed, description: 'Requests of which the sample is taken. Without it, all.' },
)

/** Of a model, and as defaults of all of them. */
export const ShadowSection = Type.Object(
  {
    target: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 10 })], {
        description: 'A target (`provider/model`) or a model that gets the copies; of a list, each of them.',
      }),
    ),
    percent: Type.Optional(Percent('Part of the requests that is copied. Default: 100.')),
    when: Type.Optional(WhenSchema),
    compare: Type.Optional(
      Type.Array(Type.Enum([...MEASURES]), {
        uniqueItems: true,
        description: 'What is compared. Default: all but `judge`, and that too where there is one.',
      }),
    ),
    judge: Type.Optional(
      Type.Object(
        {
          model: Type.String({ description: 'The model that judges, as clients name it.' }),
          prompt: Type.Optional(Type.String({ description: 'What it goes by, in place of the usual words.' })),
        },
        { ...closed, description: 'Has a model give marks from 0 to 10 to both answers.' },
      ),
    ),
    maxInFlight: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'Copies of a model under way at once, in a process; more are skipped. Default: 10.',
      }),
    ),
    timeout: Type.Optional(Duration('How long a copy may take, and then its judge. Default: 60s.')),
    keepTexts: Type.Optional(Type.Boolean({ description: 'Whether rows hold both answers. Default: they do not.' })),
    record: Type.Optional(
      Type.Object(
        {
          percent: Percent('Part of the requests that is kept whole, with their answers.'),
          to: Type.Optional(Type.Enum(['journal'], { description: 'Where. Default: `journal`.' })),
        },
        { ...closed, description: 'Keeps what was said, for `sluice replay`.' },
      ),
    ),
  },
  closed,
)
export type ShadowSection = Static<typeof ShadowSection>

/** Options of the plugin. */
export const Options = Type.Object(
  {
    ...ShadowSection.properties,
    principal: Type.Optional(
      Type.Object(
        {
          id: Type.String({ minLength: 1, description: 'Its id.' }),
          user: Type.Optional(Type.String({ description: 'Id of its user.' })),
          team: Type.Optional(Type.String({ description: 'Id of its team.' })),
          organisation: Type.Optional(Type.String({ description: 'Id of its organisation.' })),
          tags: Names('Its tags.'),
          roles: Names('Its roles. Default: `client`.'),
        },
        { ...closed, description: 'Who copies, judges and replays are billed to. Default: the id `shadow`.' },
      ),
    ),
    keep: Type.Optional(Duration('How long rows are kept. Default: 30d.')),
    ttl: Type.Optional(Duration('How long recordings are kept. Default: 7d.')),
  },
  closed,
)
export type Options = Static<typeof Options>
