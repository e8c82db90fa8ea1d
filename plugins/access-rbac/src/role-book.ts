import type { JsonObject, Logger, Principal } from '@sluice/core'
import type { Roles } from '@sluice/auth-kit'
import { BUILT_IN } from './built-in.ts'
import { grantsOf } from './grants.ts'
import type { Grants, RoleDefinition } from './grants.ts'
import { Rights } from './rights.ts'

/** Lists of roles whose rights are remembered: an identity provider may send any. */
const LISTS = 1_000

/** All roles: built in, of the config, and of the Store. */
export class RoleBook implements Roles {
  readonly #fixed: ReadonlyMap<string, Grants>
  readonly #stored = new Map<string, Grants>()
  readonly #log: Logger
  #known: readonly string[] = []
  /** By list of roles. */
  readonly #rights = new Map<string, Rights>()

  /** @throws RangeError that names the role whose definition is wrong */
  constructor(configured: { readonly [role: string]: RoleDefinition }, log: Logger) {
    const taken = Object.keys(configured).find((role) => role in BUILT_IN)
    if (taken !== undefined) throw new RangeError(`roles.${taken}: this role is built in. Choose another name.`)
    const all = Object.entries({ ...BUILT_IN, ...configured })
    this.#log = log
    this.#fixed = new Map(all.map(([role, definition]) => [role, namedGrants(role, definition)]))
  }

  /** Tells it which permissions mounted routes demand. */
  learn(known: readonly string[]): void {
    this.#known = [...new Set(known)].filter((permission) => permission !== 'public').sort()
    this.#rights.clear()
  }

  /** A role as the Store has it now. One that cannot be understood grants nothing. */
  set(role: string, definition: JsonObject | undefined): void {
    this.#rights.clear()
    this.#stored.delete(role)
    try {
      if (definition) this.#stored.set(role, namedGrants(role, definition))
    } catch (err) {
      this.#log.error({ err, role }, 'a role in the store cannot be understood')
    }
  }

  /** Whether the role stands in the config, where the API cannot change it. */
  isFixed(role: string): boolean {
    return this.#fixed.has(role)
  }

  get(role: string): Grants | undefined {
    return this.#fixed.get(role) ?? this.#stored.get(role)
  }

  /** Roles that nobody knows grant nothing. */
  rightsOf(roles: readonly string[]): Rights {
    const list = roles.join('\n')
    const known = this.#rights.get(list)
    if (known) return known
    const grants = roles.map((role) => this.get(role)).filter((each) => each !== undefined)
    const rights = new Rights(grants, this.#known)
    if (this.#rights.size >= LISTS) this.#rights.clear()
    this.#rights.set(list, rights)
    return rights
  }

  permissionsOf(roles: readonly string[]): readonly string[] {
    return this.rightsOf(roles).permissions
  }

  mayGrant({ roles: own = [] }: Principal, roles: readonly string[]): boolean {
    const rights = this.rightsOf(own)
    return roles.every((role) => {
      const wanted = this.get(role)
      return wanted !== undefined && rights.covers(wanted)
    })
  }
}

function namedGrants(role: string, definition: RoleDefinition): Grants {
  try {
    return grantsOf(definition)
  } catch (error) {
    throw new RangeError(`roles.${role}: ${(error as Error).message}.`)
  }
}
