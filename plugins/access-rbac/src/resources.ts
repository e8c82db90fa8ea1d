/** What is managed below `/admin/v1`: organisations, teams and users. */
import { adminResource } from '@sluice/admin-kit'
import type { AdminContext } from '@sluice/admin-kit'
import { GatewayError, invalidRequest } from '@sluice/core'
import type { JsonObject, Principal } from '@sluice/core'
import type { Store, StoredRecord } from '@sluice/store-kit'
import { requireUnused } from './references.ts'
import type { RoleBook } from './role-book.ts'
import { Organisation, Team, User } from './schemas.ts'
import { COLLECTIONS } from './unit.ts'
import type { UnitKind } from './unit.ts'

/** Teams above each other, at most. */
const DEPTH = 16

export function mountUnits(admin: AdminContext, roles: RoleBook): void {
  const { store } = admin
  adminResource(admin, {
    name: 'organisations',
    title: 'organisation',
    idPrefix: 'org_',
    schema: Organisation,
    idOf,
    beforeWrite: (organisation, _call, current) => withoutId(organisation, current),
    beforeDelete: ({ id }) => requireUnused(store, 'organisation', id),
  })
  adminResource(admin, {
    name: 'teams',
    title: 'team',
    idPrefix: 'team_',
    schema: Team,
    idOf,
    beforeWrite: async (team, _call, current) => {
      await checkTeam(store, team, current?.id ?? team.id)
      return withoutId(team, current)
    },
    beforeDelete: ({ id }) => requireUnused(store, 'team', id),
  })
  adminResource(admin, {
    name: 'users',
    title: 'user',
    idPrefix: 'user_',
    schema: User,
    idOf,
    beforeWrite: async (user, { principal }, current) => {
      requireGrantable(roles, principal, current?.value)
      requireGrantable(roles, principal, user)
      const team = (await lookUp(store, 'team', user.team)) as Team | undefined
      await lookUp(store, 'organisation', user.organisation)
      requireSame(team?.organisation, user.organisation, 'team')
      return withoutId(user, current)
    },
    beforeDelete: async ({ id, value }, { principal }) => {
      requireGrantable(roles, principal, value)
      await requireUnused(store, 'user', id)
    },
  })
}

const idOf = ({ id }: { id?: string }): string | undefined => id

function withoutId({ id, ...rest }: { id?: string }, current: StoredRecord | undefined): JsonObject {
  if (current && id !== undefined && id !== current.id) throw invalidRequest('An id stays what it is.', 'id')
  return rest
}

/** Nobody hands out more than they have, nor changes those who have more. */
function requireGrantable(roles: RoleBook, principal: Principal, user: { roles?: unknown } | undefined): void {
  const wanted = (user?.roles ?? []) as readonly string[]
  const missing = wanted.find((role) => roles.get(role) === undefined)
  if (missing !== undefined) throw invalidRequest(`There is no role "${missing}".`, 'roles')
  if (roles.mayGrant(principal, wanted)) return
  throw new GatewayError('permission_denied', `Your own roles do not cover ${wanted.join(', ')}.`, { param: 'roles' })
}

/** Teams are a tree, in one organisation each. */
async function checkTeam(store: Store, { organisation, parent }: Team, id: string | undefined): Promise<void> {
  await lookUp(store, 'organisation', organisation)
  let depth = 1
  for (let above = parent; above !== undefined; depth++) {
    if (above === id) throw invalidRequest('A team cannot stand below itself.', 'parent')
    if (depth >= DEPTH) throw invalidRequest(`Teams stand at most ${DEPTH} deep.`, 'parent')
    const team = (await lookUp(store, 'team', above, 'parent')) as Team | undefined
    requireSame(team?.organisation, organisation, 'parent')
    above = team?.parent
  }
}

/** @throws GatewayError `invalid_request` if `id` is given and there is no such record */
async function lookUp(
  store: Store,
  kind: UnitKind,
  id: string | undefined,
  field: string = kind,
): Promise<JsonObject | undefined> {
  if (id === undefined) return undefined
  const record = await store.get(COLLECTIONS[kind], id)
  if (!record) throw invalidRequest(`There is no ${kind} "${id}".`, field)
  return record
}

function requireSame(theirs: string | undefined, own: string | undefined, field: string): void {
  if (theirs !== undefined && own !== undefined && theirs !== own)
    throw invalidRequest(`"${field}" is of the organisation "${theirs}", and not of "${own}".`, field)
}
