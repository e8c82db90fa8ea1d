import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'

const closed = { additionalProperties: false }
/** What a certificate can say of its holder. */
export const FIELDS = ['CN', 'O', 'OU', 'emailAddress', 'DNS', 'URI', 'email'] as const
export type Field = (typeof FIELDS)[number]

const Pattern = (description: string) => Type.Optional(Type.String({ minLength: 1, description }))
const Text = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 256, description }))
const From = (what: string) =>
  Type.Optional(Type.Enum([...FIELDS], { description: `Field of the certificate that holds ${what}.` }))

const Client = Type.Object(
  {
    fingerprints: Type.Optional(
      Type.Array(Type.String({ pattern: '^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$', examples: ['AB:CD:…', 'abcd…'] }), {
        minItems: 1,
        description: 'SHA-256 fingerprints of certificates, one of which it must be.',
      }),
    ),
    subject: Type.Optional(
      Type.Object(
        {
          CN: Pattern('Common name; `*` matches any run of characters.'),
          O: Pattern('Organization, likewise.'),
          OU: Pattern('Organizational unit, likewise.'),
        },
        { ...closed, description: 'What the subject must say.' },
      ),
    ),
    san: Pattern('Alternative name that must be there, e.g. `DNS:*.svc.example` or `URI:spiffe://example.org/ns/*`.'),
    name: Text('What to call the caller. Default: the common name.'),
    user: Text("The user's id."),
    team: Text("The team's id."),
    organisation: Text("The organisation's id."),
    from: Type.Optional(
      Type.Object(
        {
          name: From("the caller's name"),
          user: From("the user's id"),
          team: From("the team's id"),
          organisation: From("the organisation's id"),
        },
        { ...closed, description: 'Where the certificate says what is not said here.' },
      ),
    ),
    roles: Type.Optional(Type.Array(Type.String(), { default: [], description: 'Roles.' })),
    tags: Type.Optional(Type.Array(Type.String(), { default: [], description: 'Tags.' })),
  },
  closed,
)
export type Client = Static<typeof Client>

export const Options = Type.Object(
  {
    clients: Type.Array(Client, {
      minItems: 1,
      description: 'Who may call. The first entry that fits a certificate holds; one without conditions fits all.',
    }),
  },
  closed,
)
