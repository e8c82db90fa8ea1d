/** A key as it is written and as it is stored. */
import { Duration, Type } from '@sluice/core'
import type { JsonObject, Operation, Static } from '@sluice/core'
import { BudgetSection, LimitsSection } from '@sluice/limit-kit'

const closed = { additionalProperties: false }
/** Model lists may always be read. `operator`: everything below `/admin/v1` and its like. */
const OPERATIONS = [
  'chat',
  'embeddings',
  'rerank',
  'count-tokens',
  'moderations',
  'images',
  'speech',
  'transcription',
  'files',
  'batches',
  'passthrough',
  'realtime',
  'operator',
] as const satisfies Operation[]
const Name = (description: string) => Type.String({ minLength: 1, maxLength: 200, description })
const Names = (description: string, maxItems = 1000) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems, uniqueItems: true, description })

/** ISO 8601 with a time zone. */
export const Moment = (description: string) =>
  Type.Unsafe<string>({
    type: 'string',
    pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$`,
    examples: ['2027-01-31T00:00:00Z'],
    description,
  })

/** How long the text before the last rotation works beside the new one. */
export const Grace = Duration('How long the old text still works.')

/** What the caller may say of a key. */
export const KeyInput = Type.Object(
  {
    name: Name('What people call it.'),
    tags: Type.Optional(Names('Marks, for `when` and for reports.', 50)),
    user: Type.Optional(Name('Id of its owner.')),
    team: Type.Optional(Name('Id of its team.')),
    organisation: Type.Optional(Name('Id of its organisation.')),
    roles: Type.Optional(Names('What it may do. Default: `client`.', 50)),
    expiresAt: Type.Optional(Moment('When it ends.')),
    disabled: Type.Optional(Type.Boolean({ description: 'Whether it is refused.' })),
    models: Type.Optional(Names('Models it may use, as clients name them; `*` matches any run of characters.')),
    operations: Type.Optional(
      Type.Array(Type.Enum([...OPERATIONS]), { uniqueItems: true, description: 'Operations it may ask for.' }),
    ),
    providers: Type.Optional(Names('Ids of the providers that may serve it.')),
    ips: Type.Optional(Names('Addresses and CIDR ranges from which it may be used.')),
    limits: Type.Optional(LimitsSection),
    budget: Type.Optional(BudgetSection),
    metadata: Type.Optional(
      Type.Unsafe<JsonObject>({ type: 'object', maxProperties: 50, description: 'Whatever its owner wants to keep.' }),
    ),
    rotation: Type.Optional(
      Type.Object(
        {
          every: Type.Optional(Duration('How long a text works until it should be rotated.')),
          grace: Type.Optional(Duration('How long one works beyond that, and beside the next one. Default: 24h.')),
        },
        { ...closed, description: 'How often it gets another text.' },
      ),
    ),
  },
  closed,
)
export type KeyInput = Static<typeof KeyInput>

/** What is stored. Hashes are base64. */
export interface KeyRecord extends KeyInput {
  roles: string[]
  hash: string
  /** Its text, but for most of it. */
  prefix: string
  /** The text before, and when it ends. */
  previous?: { hash: string; until: string }
  createdAt: string
  /** Id of the principal that made it. */
  createdBy: string
  /** When it got its text. */
  rotatedAt: string
}

/** What a key says when nobody says otherwise. */
export const DEFAULT_ROLES: readonly string[] = ['client']
