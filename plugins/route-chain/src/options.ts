import { Duration, Type } from '@sluice/core'
import type { JsonObject, Static } from '@sluice/core'

const closed = { additionalProperties: false }
const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])
const text = (description: string) => Type.Optional(Type.String({ description }))
const model = (description: string) => Type.String({ minLength: 1, maxLength: 256, description })
const number = (description: string) => Type.Optional(Type.Number({ description }))

const TESTS = {
  step: Type.String({ description: 'Step whose output is looked at.' }),
  path: text('Where in it: `text` (the default), `json.…` of a step with a schema.'),
  equals: Type.Optional(
    Type.Unsafe<Static<typeof Scalar>>({
      ...Scalar,
      description: 'It is this. Texts: without white space around them.',
    }),
  ),
  in: Type.Optional(Type.Array(Scalar, { minItems: 1, description: 'It is one of these.' })),
  matches: text('It is a text of this form; `*` stands for any run of characters.'),
  exists: Type.Optional(
    Type.Boolean({ description: 'Whether it is there, and not null. A skipped step has nothing.' }),
  ),
  gt: number('It is a number above this.'),
  gte: number('It is this number, or above it.'),
  lt: number('It is a number below this.'),
  lte: number('It is this number, or below it.'),
}
const Test = Type.Object(TESTS, closed)
const Condition = Type.Object(
  { ...TESTS, and: Type.Optional(Type.Array(Test, { minItems: 1, description: 'What must hold besides.' })) },
  closed,
)
/** All that is given must hold. */
export type Condition = Static<typeof Condition>

/** Beside the model's name, what is asked of it. */
const PARAMETERS = {
  temperature: number('Sampling temperature.'),
  maxTokens: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Tokens of the answer at most, thinking included.' }),
  ),
  stop: Type.Optional(Type.Array(Type.String(), { description: 'Texts at which the answer ends.' })),
  effort: text('How much to think: `none`, `low`, `medium`, `high`, …'),
}

const StepSchema = Type.Object(
  {
    model: Type.Optional(model('Model that is asked, as a client would name it.')),
    system: text('Template of the system message.'),
    prompt: text('Template of the last user message.'),
    messages: Type.Optional(
      Type.Boolean({ default: false, description: "Whether the client's conversation goes along, before the prompt." }),
    ),
    ...PARAMETERS,
    schema: Type.Optional(
      Type.Unsafe<JsonObject>({ type: 'object', description: 'JSON Schema of the answer, which `json` then is.' }),
    ),
    set: text('Template of the output of a step that asks no model.'),
    each: text('List, e.g. `steps.topic.json.items`: the step runs for each `item` of it.'),
    maxItems: Type.Optional(
      Type.Integer({ default: 50, minimum: 1, maximum: 1000, description: 'Items at most; the step fails with more.' }),
    ),
    after: Type.Optional(
      Type.Array(Type.String(), { description: 'Steps that must be over before, referred to or not.' }),
    ),
    if: Type.Optional(Type.Unsafe<Condition>({ ...Condition, description: 'The step is skipped unless this holds.' })),
    unless: Type.Optional(Type.Unsafe<Condition>({ ...Condition, description: 'The step is skipped if this holds.' })),
    timeout: Type.Optional(Duration('Time that one call of the model may take, to the end of its answer.', '2m')),
    retries: Type.Optional(
      Type.Integer({
        default: 0,
        minimum: 0,
        maximum: 5,
        description: 'Further calls if one fails in a way that may pass.',
      }),
    ),
    fallback: Type.Optional(
      Type.Object(
        {
          model: Type.Optional(model('Model that is asked instead.')),
          step: text('Step whose output stands in; it runs only then, unless another step refers to it.'),
          text: text('What stands in, as it is.'),
        },
        { ...closed, minProperties: 1, maxProperties: 1, description: 'What takes over when the model has failed.' },
      ),
    ),
    onError: Type.Optional(
      Type.Union(
        [
          Type.Enum(['fail', 'skip']),
          Type.Object({ text: Type.String({ description: 'What stands in, as it is.' }) }, closed),
        ],
        {
          description:
            'What happens if all that failed: the chain fails (default), the step is skipped, a text stands in.',
        },
      ),
    ),
  },
  closed,
)
export type StepOptions = Static<typeof StepSchema>

/** As `isModelName` of the kernel has it, without what would stand between a provider and its model. */
const NAME = {
  type: 'string',
  pattern: '^(?!.*\\.\\.)[\\w@][\\w@ .:+~,=()\\[\\]-]{0,127}$',
  examples: ['support', 'my-model'],
}
const STEP = { type: 'string', pattern: '^[A-Za-z][\\w-]{0,63}$', examples: ['topic', 'step-2'] }

const ChainSchema = Type.Object(
  {
    steps: Type.Record(Type.String(), StepSchema, {
      propertyNames: STEP,
      minProperties: 1,
      maxProperties: 50,
      description: 'Name → what is done.',
    }),
    output: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
      description: 'Step whose output is the answer; of a list the first that is not skipped.',
    }),
    runAs: Type.Optional(
      Type.Enum(['caller', 'chain'], {
        default: 'caller',
        description: 'Whose rights the steps have: those of the caller, or the right to use any model.',
      }),
    ),
    concurrency: Type.Optional(
      Type.Integer({
        default: 4,
        minimum: 1,
        maximum: 64,
        description: 'Models that are asked at once, for one request.',
      }),
    ),
    timeout: Type.Optional(Duration('Time that the whole chain may take, to the end of its answer.', '10m')),
  },
  closed,
)
export type ChainOptions = Static<typeof ChainSchema>

export const Options = Type.Object(
  {
    chains: Type.Record(Type.String(), ChainSchema, {
      propertyNames: NAME,
      description: 'Name of a model → the steps that it is made of.',
    }),
  },
  closed,
)
