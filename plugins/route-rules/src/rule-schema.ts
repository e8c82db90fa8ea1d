/** How rules are written. */
import { TargetSchema, Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { Match } from '@sluice/limit-kit'
import { STRATEGIES } from '@sluice/route-kit'
import { LANGUAGES } from './language.ts'
import { Share } from './share.ts'
import { TextPattern } from './text-test.ts'
import { TimeWindow } from './time-window.ts'

const closed = { additionalProperties: false }
const Name = Type.String({ minLength: 1, maxLength: 256 })

const texts = (description: string) =>
  Type.Optional(Type.Record(Type.String(), TextPattern, { maxProperties: 50, description }))

export const When = Type.Object(
  {
    ...Match.properties,
    headers: texts('Headers: `true` for present, `false` for absent, or texts, with `*` for any run of characters.'),
    metadata: texts("What the metadata of the caller's key says, in the same form."),
    requestMetadata: texts('What the request says in its field `metadata`, in the same form.'),
    minTokens: Type.Optional(Type.Integer({ minimum: 0, description: 'Tokens of input, as estimated, at least.' })),
    maxTokens: Type.Optional(Type.Integer({ minimum: 0, description: 'Tokens of input, as estimated, at most.' })),
    languages: Type.Optional(
      Type.Array(Type.Enum([...LANGUAGES, 'unknown']), {
        minItems: 1,
        description: 'Languages of what the user wrote last, e.g. `de`; `unknown` if it cannot be told.',
      }),
    ),
    windows: Type.Optional(
      Type.Array(TimeWindow, { minItems: 1, maxItems: 50, description: 'Times of the week, of which it must be one.' }),
    ),
    percentage: Type.Optional(
      Type.Unsafe<Share>({
        ...Share,
        description:
          'Part of all requests: a number, or `{ of, by }`, the same by `user` (else key), `key` or `exchange`.',
      }),
    ),
  },
  { ...closed, description: 'Requests that it is for: all that is given must hold, and of each list, one.' },
)
export type When = Static<typeof When>

/** Where requests go: one target, a list of them, or what stands behind a model. */
export const Destination = {
  target: Type.Optional(Type.String({ pattern: '^[^/]+/.+$', maxLength: 256, description: '`provider/model`' })),
  targets: Type.Optional(
    Type.Array(Type.Union([Type.String({ pattern: '^[^/]+/.+$', maxLength: 256 }), TargetSchema]), {
      minItems: 1,
      maxItems: 50,
      description: 'Targets, as a model of the config has them.',
    }),
  ),
  model: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, description: 'A model, with its targets and its sections.' }),
  ),
}

/** Codes with which a rule may refuse. */
const REFUSALS = [
  'permission_denied',
  'invalid_request',
  'content_blocked',
  'model_not_found',
  'request_too_large',
  'rate_limit_exceeded',
  'quota_exceeded',
  'budget_exceeded',
  'no_target_available',
  'overloaded',
] as const

export const Requirement = Type.Object(
  {
    tags: Type.Optional(
      Type.Array(Name, { minItems: 1, maxItems: 50, description: 'Tags of which a target has all.' }),
    ),
    regions: Type.Optional(
      Type.Array(Name, { minItems: 1, maxItems: 50, description: 'Regions of which it is in one, e.g. `eu-*`.' }),
    ),
  },
  { ...closed, minProperties: 1, description: 'What targets must have, also those that are fallen back to.' },
)
export type Requirement = Static<typeof Requirement>

export const Then = Type.Object(
  {
    ...Destination,
    strategy: Type.Optional(Type.Enum([...STRATEGIES], { description: 'How the targets are ordered.' })),
    require: Type.Optional(Requirement),
    refuse: Type.Optional(
      Type.Object(
        {
          code: Type.Optional(Type.Enum([...REFUSALS], { default: 'permission_denied', description: 'Of the error.' })),
          message: Type.String({ minLength: 1, maxLength: 500, description: 'What the client is told.' }),
        },
        { ...closed, description: 'No model is asked.' },
      ),
    ),
  },
  { ...closed, minProperties: 1, description: 'What becomes of them.' },
)
export type Then = Static<typeof Then>

const fields = {
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    pattern: '^[\\w.-]+$',
    description: 'How explanations and errors call it.',
  }),
  when: Type.Optional(When),
  then: Then,
  continue: Type.Optional(
    Type.Boolean({ default: false, description: 'Whether rules behind it are asked, too, where it has matched.' }),
  ),
}

export const Rule = Type.Object(fields, closed)
export type Rule = Static<typeof Rule>

/** A rule in the Store. */
export const StoredRule = Type.Object(
  {
    ...fields,
    position: Type.Optional(
      Type.Integer({ default: 1000, minimum: 0, maximum: 1_000_000, description: 'Lower ones come first.' }),
    ),
    enabled: Type.Optional(Type.Boolean({ default: true, description: 'Whether it is in force.' })),
  },
  closed,
)
export type StoredRule = Static<typeof StoredRule>
