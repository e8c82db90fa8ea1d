/**
 * What roles grant, and the algebra of it. A permission is `*` (everything), `<resource>:read` or `<resource>:write`
 * with `*` in either place and perhaps `@team` behind (only what belongs to one's own team), `operation:<name>` or
 * `model:<name>` (the use of models, `*` matches any run of characters).
 */
import { ownTeamOnly } from '@sluice/admin-kit'
import { globs } from '@sluice/core'

/** A role as the config or the Store has it. */
export interface RoleDefinition {
  permissions?: readonly string[]
  /** The same as `model:…` and `operation:…`. */
  models?: readonly string[]
  operations?: readonly string[]
}

/** A role, taken apart. */
export interface Grants {
  readonly everything: boolean
  /** `keys:read`, `*:read`: of everybody. */
  readonly routes: ReadonlySet<string>
  /** The same, of one's own team. */
  readonly team: ReadonlySet<string>
  /** Globs. Models are used only where an operation and a model match; either both lists are empty or none. */
  readonly operations: readonly string[]
  readonly models: readonly string[]
  readonly isModel: (model: string) => boolean
  readonly mayUse: (operation: string, model: string) => boolean
}

/** A permission, as a JSON Schema's `pattern` and for people. */
export const PERMISSION = String.raw`^(\*|(operation|model):[^\x00-\x1f]{1,256}|(\*|[a-z][a-z0-9-]*):(\*|read|write)(@team)?)$`
const OF_TEAM = '@team'
const ACTIONS = ['read', 'write']

/** @throws RangeError on what is no permission */
export function grantsOf({ permissions = [], models = [], operations = [] }: RoleDefinition): Grants {
  const pattern = new RegExp(PERMISSION)
  const routes = new Set<string>()
  const team = new Set<string>()
  const uses = { operation: [...operations], model: [...models] }
  for (const permission of permissions) {
    if (!pattern.test(permission)) throw new RangeError(`"${permission}" is no permission`)
    const [resource, rest] = split(permission)
    if (resource === 'operation' || resource === 'model') uses[resource].push(rest)
    else if (permission !== '*') {
      const isOfTeam = rest.endsWith(OF_TEAM)
      const action = isOfTeam ? rest.slice(0, -OF_TEAM.length) : rest
      const actions = action === '*' ? ACTIONS : [action]
      for (const each of actions) (isOfTeam ? team : routes).add(`${resource}:${each}`)
    }
  }
  const everything = permissions.includes('*')
  const rest = everything || uses.operation.length + uses.model.length > 0 ? ['*'] : []
  // Whoever names one of the two leaves the other open; whoever names neither grants the use of no model.
  const use = {
    operations: everything || uses.operation.length === 0 ? rest : uses.operation,
    models: everything || uses.model.length === 0 ? rest : uses.model,
  }
  const isOperation = globs(use.operations)
  const isModel = globs(use.models)
  const mayUse = (operation: string, model: string): boolean => isOperation(operation) && isModel(model)
  return { everything, routes, team, ...use, isModel, mayUse }
}

/** Whose things a permission lets somebody reach, by the best of their roles. */
export function reachOf(held: readonly Grants[], permission: string): 'all' | 'team' | undefined {
  const wild = `*:${split(permission)[1]}`
  if (held.some(({ everything, routes }) => everything || routes.has(permission) || routes.has(wild))) return 'all'
  return held.some(({ team }) => team.has(permission) || team.has(wild)) ? 'team' : undefined
}

/** Which of the `known` permissions of routes are held, as a principal lists them. */
export function expand(held: readonly Grants[], known: readonly string[]): readonly string[] {
  if (held.some(({ everything }) => everything)) return ['*']
  return known.flatMap((permission) => {
    const reach = reachOf(held, permission)
    if (reach === 'all') return [permission]
    return reach === 'team' ? [permission, ownTeamOnly(permission)] : []
  })
}

/** Whether nothing that `wanted` lets somebody do is beyond what is held. */
export function covers(held: readonly Grants[], wanted: Grants): boolean {
  if (held.some(({ everything }) => everything)) return true
  return (
    !wanted.everything &&
    [...wanted.routes].every((permission) => reachOf(held, permission) === 'all') &&
    [...wanted.team].every((permission) => reachOf(held, permission) !== undefined) &&
    // A pattern covers another one exactly if it matches it as a text: only a star matches a star.
    wanted.operations.every((operation) =>
      wanted.models.every((model) => held.some((grants) => grants.mayUse(operation, model))),
    )
  )
}

function split(permission: string): [resource: string, rest: string] {
  const colon = permission.indexOf(':')
  return [permission.slice(0, colon), permission.slice(colon + 1)]
}
