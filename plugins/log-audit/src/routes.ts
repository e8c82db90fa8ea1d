import { adminRoute, ListQuery, page, pageOf, pageSchema } from '@sluice/admin-kit'
import { invalidRequest, Type } from '@sluice/core'
import type { PluginRouter } from '@sluice/core'
import type { Journal } from '@sluice/store-kit'
import { placeOf, search, viewOf } from './search.ts'
import type { Verifier } from './verify.ts'

const OUTCOMES = ['done', 'refused', 'failed'] as const
const moment = (description: string) => Type.Optional(Type.String({ maxLength: 40, description }))
const oneOf = (description: string) =>
  Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 20, description }))

const Query = Type.Object(
  {
    ...ListQuery.properties,
    from: moment('Not before: ISO 8601, or milliseconds since the epoch.'),
    to: moment('Before: the same.'),
    actor: oneOf('Principals.'),
    action: oneOf('E.g. `keys.create`.'),
    subject: oneOf('E.g. `key:key_abc`.'),
    outcome: Type.Optional(Type.Array(Type.Enum([...OUTCOMES]), { description: 'How it ended.' })),
  },
  { additionalProperties: false },
)

const Entry = Type.Object({
  id: Type.String(),
  time: Type.String({ description: 'ISO 8601.' }),
  action: Type.String(),
  actor: Type.String(),
  subject: Type.Optional(Type.String()),
  outcome: Type.Enum([...OUTCOMES]),
  ip: Type.Optional(Type.String()),
  exchange: Type.Optional(Type.String()),
  details: Type.Optional(Type.Object({}, { additionalProperties: true })),
})

const Noted = Type.Object(
  {
    sequence: Type.Optional(Type.Integer({ minimum: 1, description: 'Number of a row that was noted earlier.' })),
    hash: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Its hash.' })),
  },
  { additionalProperties: false },
)

const Place = Type.Object({ sequence: Type.Integer(), hash: Type.String() })
const Verdict = Type.Object({
  ok: Type.Boolean(),
  count: Type.Integer({ description: 'Rows that are as they were written.' }),
  head: Place,
  broken: Type.Optional(Type.Object({ sequence: Type.Integer(), problem: Type.String() })),
})

export function mountRoutes(router: PluginRouter, journal: Journal, verifier: Verifier): void {
  const reading = { method: 'get', permission: 'audit:read' } as const

  const listing = { ...reading, path: '/audit', summary: 'List what was done, the newest first.' }
  adminRoute({ router }, { ...listing, query: Query, response: pageSchema(Entry) }, async ({ query }) => {
    const { after, limit } = pageOf(query)
    const { from, to, limit: _, cursor: __, ...wanted } = query
    const times = { ...timeOf('from', from), ...timeOf('to', to) }
    return page(await search(journal, times, wanted, after, limit + 1), limit, placeOf, viewOf)
  })

  const verifying = { ...reading, path: '/audit/verify', summary: 'Say whether the trail is as it was written.' }
  adminRoute({ router }, { ...verifying, query: Noted, response: Verdict }, ({ query: { sequence, hash } }) => {
    if ((sequence === undefined) !== (hash === undefined))
      throw invalidRequest('"sequence" and "hash" belong together.', sequence === undefined ? 'sequence' : 'hash')
    return verifier.verify(sequence === undefined ? undefined : { sequence, hash: hash! })
  })
}

function timeOf(name: 'from' | 'to', text: string | undefined): { from?: number; to?: number } {
  if (text === undefined) return {}
  const time = /^\d{1,15}$/.test(text) && text.length > 4 ? Number(text) : Date.parse(text)
  if (Number.isNaN(time)) throw invalidRequest(`"${name}" is no time: write 2026-11-20T12:00:00Z.`, name)
  return { [name]: time }
}
