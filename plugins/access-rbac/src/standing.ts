import type { Principal, Scope } from '@sluice/core'
import type { Place } from './directory.ts'
import type { Rights } from './rights.ts'
import type { Unit } from './unit.ts'

/** What is known of a caller until roles or records change. */
export interface Standing {
  /** As authentication gave it, and with everything that roles and records say. */
  origin: Principal
  principal: Principal
  rights: Rights
  /** Those above it that narrow the use of models. */
  narrowing: readonly Unit[]
  /** Why it may do nothing, if so. */
  refusal: string | undefined
}

/**
 * A principal with everything that roles and records say. What it stands for is in a private field, which no copy has:
 * whoever is made out of it with other roles is somebody else.
 */
class PlacedPrincipal implements Principal {
  declare readonly id: string
  readonly #standing: Standing

  constructor(origin: Principal, more: Partial<Principal>, standing: Omit<Standing, 'principal'>) {
    Object.assign(this, origin, more)
    this.#standing = { ...standing, principal: this }
  }

  static standingOf(principal: Principal): Standing | undefined {
    return #standing in principal ? principal.#standing : undefined
  }
}

/** Of a principal that `place` made; undefined for those of authentication. */
export function standingOf(principal: Principal): Standing | undefined {
  return PlacedPrincipal.standingOf(principal)
}

export function place(
  origin: Principal,
  { team, organisation, scopes, units, refusal }: Place,
  roles: readonly string[],
  rights: Rights,
): Standing {
  const more = {
    ...(team !== undefined && { team }),
    ...(organisation !== undefined && { organisation }),
    roles,
    permissions: rights.permissions,
    scopes: joined(origin.scopes ?? [], scopes),
  }
  const narrowing = units.filter(({ isNarrow }) => isNarrow)
  return standingOf(new PlacedPrincipal(origin, more, { origin, rights, narrowing, refusal }))!
}

/** From the key upwards. What a record says of somebody wins over what authentication said. */
function joined(given: readonly Scope[], above: readonly Scope[]): readonly Scope[] {
  const same = (scope: Scope) => (other: Scope) => other.kind === scope.kind && other.id === scope.id
  const merged = above.map((scope) => {
    const known = given.find(same(scope))
    return known ? { ...scope, sections: { ...known.sections, ...scope.sections } } : scope
  })
  return [...given.filter((scope) => !above.some(same(scope))), ...merged]
}
