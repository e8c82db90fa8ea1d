/** Which rows an operator asks for. */
import { mayReach } from '@sluice/admin-kit'
import { GatewayError, invalidRequest, Type } from '@sluice/core'
import type { Principal, Static } from '@sluice/core'
import type { Filter } from '@sluice/store-kit'

export const PERMISSION = 'usage:read'

const DAY = 86_400_000
/** Days that are looked at if nothing else is asked for. */
const DAYS = 30
/** Parameter → field of rows; `key` would be taken for a credential. */
const FIELDS = {
  keyId: 'key',
  user: 'user',
  team: 'team',
  organisation: 'organisation',
  principal: 'principal',
  tag: 'tags',
  model: 'model',
  provider: 'provider',
  target: 'target',
  dialect: 'dialect',
  operation: 'operation',
  outcome: 'outcome',
  error: 'error',
  cache: 'cache',
  parent: 'parent',
  rollout: 'rollout',
  variant: 'variant',
} as const

type Values = ReturnType<typeof Type.Optional<ReturnType<typeof Type.Array<ReturnType<typeof Type.String>>>>>

const values = (field: string): Values =>
  Type.Optional(
    Type.Array(Type.String({ maxLength: 256 }), {
      maxItems: 50,
      description: `\`${field}\` of the rows: one of these.`,
    }),
  )
const moment = (description: string) => Type.Optional(Type.String({ maxLength: 40, description }))

/** Spread into the query of a route. */
export const FilterFields = {
  from: moment(`ISO 8601, or milliseconds since the epoch; default: ${DAYS} days before \`to\`.`),
  to: moment('The same; rows before it. Default: now.'),
  ...(Object.fromEntries(Object.entries(FIELDS).map(([name, field]) => [name, values(field)])) as {
    [K in keyof typeof FIELDS]: Values
  }),
}
const FilterQuery = Type.Object(FilterFields)
export type FilterQuery = Static<typeof FilterQuery>

/** What `query` asks for, within what the caller may see. @throws GatewayError `invalid_request`, `permission_denied` */
export function filterOf(query: FilterQuery, principal: Principal): Filter & { from: number; to: number } {
  const to = momentOf(query.to, 'to') ?? Date.now() + 1
  const from = momentOf(query.from, 'from') ?? to - DAYS * DAY
  const where: NonNullable<Filter['where']> = {}
  for (const [name, field] of Object.entries(FIELDS) as [keyof typeof FIELDS, string][]) {
    const asked = query[name]
    if (asked) where[field] = asked
  }
  if (!mayReach(principal, PERMISSION, undefined)) where['team'] = ownTeam(principal, query.team)
  return { from, to, where }
}

function ownTeam({ team }: Principal, asked: readonly string[] | undefined): string {
  if (team !== undefined && (asked ?? [team]).every((name) => name === team)) return team
  throw new GatewayError('permission_denied', 'You may see the usage of your own team only.')
}

function momentOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const moment = /^\d{1,16}$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isSafeInteger(moment)) return moment
  throw invalidRequest(`"${name}" is no moment: write it like 2026-11-20T12:00:00Z.`, name)
}
