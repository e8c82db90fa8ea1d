import { Duration, Type } from '@sluice/core'
import type { Static } from '@sluice/core'

const closed = { additionalProperties: false }
/** All that need a public key. With a secret, whoever can check a token could make one. */
const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')

const Claim = (what: string) => Type.Optional(Type.String({ minLength: 1, description: `Claim that holds ${what}.` }))

const Claims = Type.Object(
  {
    subject: Claim('who the caller is. Default: `sub`, or else `client_id`'),
    name: Claim('what to call the caller. Default: `name`, or else the subject'),
    user: Claim("the user's id. Default: the subject"),
    team: Claim("the team's id"),
    organisation: Claim("the organisation's id"),
    roles: Claim('roles: a list, or a text with spaces between them'),
    tags: Claim('tags, likewise'),
    limits: Claim('limits, as a record has them'),
    budget: Claim('a budget, as a record has it'),
  },
  { ...closed, description: 'Where the token says what; dots lead into objects.' },
)

const Introspection = Type.Object(
  {
    clientId: Type.String({ minLength: 1, description: 'Client id of the gateway at the issuer.' }),
    clientSecret: Type.String({ minLength: 1, description: 'Its secret.' }),
    url: Type.Optional(
      Type.String({ pattern: '^https?://', description: 'Endpoint. Default: what the issuer names.' }),
    ),
    prefix: Type.Optional(
      Type.String({ minLength: 1, description: 'How tokens begin that the issuer is asked about. Default: all.' }),
    ),
  },
  { ...closed, description: 'Asks the issuer about tokens that are no JWT (RFC 7662).' },
)

export const Options = Type.Object(
  {
    issuer: Type.String({ pattern: '^https?://', description: 'Who gives out the tokens: their claim `iss`.' }),
    audience: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: 'What tokens must be meant for: one of these in their claim `aud`.',
    }),
    jwksUrl: Type.Optional(
      Type.String({
        pattern: '^https?://',
        description: "The issuer's keys. Default: where its OpenID configuration says.",
      }),
    ),
    keys: Type.Optional(
      Type.Array(Type.Record(Type.String(), Type.Unknown()), {
        minItems: 1,
        description: 'Public keys as JWKs. The issuer is then not asked for any.',
      }),
    ),
    algorithms: Type.Optional(
      Type.Array(Type.Enum(ALGORITHMS), {
        minItems: 1,
        default: ALGORITHMS,
        description: 'Signatures that are accepted.',
      }),
    ),
    typ: Type.Optional(Type.String({ description: 'What the header `typ` of tokens must say, e.g. `at+jwt`.' })),
    requiredClaims: Type.Optional(
      Type.Array(Type.String(), {
        default: [],
        description: 'Claims that tokens must have beside `iss`, `aud` and `exp`.',
      }),
    ),
    clockSkew: Type.Optional(Duration('How far clocks may be apart.', '30s')),
    claims: Type.Optional(Claims),
    roleMap: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.String()), {
        description: "The issuer's roles → roles here. With it, no others count.",
      }),
    ),
    defaultRole: Type.Optional(Type.String({ description: 'Role of callers whose token gives them none.' })),
    introspection: Type.Optional(Introspection),
    cacheTtl: Type.Optional(Duration('How long a token that was good is not checked again.', '5m')),
    cacheSize: Type.Optional(
      Type.Integer({ minimum: 1, default: 10_000, description: 'Tokens that are remembered, at most.' }),
    ),
    keysTtl: Type.Optional(Duration('Time after which the keys are fetched anew.', '10m')),
    keysGrace: Type.Optional(Duration('How much longer known keys hold while the issuer cannot be reached.', '24h')),
    keysCooldown: Type.Optional(Duration('Least time between two fetches for keys that nobody knows.', '30s')),
    timeout: Type.Optional(Duration('Time that a call of the issuer may take.', '5s')),
  },
  closed,
)

export type Options = Static<typeof Options>
