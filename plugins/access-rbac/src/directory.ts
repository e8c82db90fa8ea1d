import type { JsonObject, Principal, Scope } from '@sluice/core'
import { Unit } from './unit.ts'
import type { UnitKind } from './unit.ts'

/** Where a principal belongs. `units`: those of which there are records, from the user upwards. */
export interface Place {
  team: string | undefined
  organisation: string | undefined
  /** Roles of the user's record. */
  roles: readonly string[]
  scopes: readonly Scope[]
  units: readonly Unit[]
  /** Set if the principal may do nothing: why. */
  refusal: string | undefined
}

/** Users, teams and organisations: who belongs where. */
export class Directory {
  readonly #units: { readonly [Kind in UnitKind]: Map<string, Unit> } = {
    user: new Map(),
    team: new Map(),
    organisation: new Map(),
  }
  readonly #refusesUnknown: boolean

  /** @param refusesUnknown whether callers are refused whose user, team or organisation has no record */
  constructor(refusesUnknown: boolean) {
    this.#refusesUnknown = refusesUnknown
  }

  set(kind: UnitKind, id: string, record: JsonObject | undefined): void {
    if (record) this.#units[kind].set(id, new Unit(kind, id, record))
    else this.#units[kind].delete(id)
  }

  placeOf({ user: userId, team: ownTeam, organisation: ownOrganisation }: Principal): Place {
    const found = new Chain(this.#refusesUnknown)
    const user = userId === undefined ? undefined : found.add('user', userId, this.#units.user.get(userId))
    const team = ownTeam ?? user?.team
    let organisation = ownOrganisation
    // Two writes at the same time may have put teams into a circle.
    for (let id = team; id !== undefined && !found.has('team', id);) {
      const unit = found.add('team', id, this.#units.team.get(id))
      organisation ??= unit?.organisation
      if (unit?.organisation !== undefined && unit.organisation !== organisation)
        found.refusal ??= `The team "${id}" is not of the organisation "${organisation}".`
      id = unit?.parent
    }
    organisation ??= user?.organisation
    if (organisation !== undefined) found.add('organisation', organisation, this.#units.organisation.get(organisation))
    return { team, organisation, roles: user?.roles ?? [], ...found.result }
  }
}

/** Gathers what stands above a principal. */
class Chain {
  readonly #refusesUnknown: boolean
  readonly #scopes: Scope[] = []
  readonly #units: Unit[] = []
  refusal: string | undefined

  constructor(refusesUnknown: boolean) {
    this.#refusesUnknown = refusesUnknown
  }

  get result(): Pick<Place, 'scopes' | 'units' | 'refusal'> {
    return { scopes: this.#scopes, units: this.#units, refusal: this.refusal }
  }

  has(kind: UnitKind, id: string): boolean {
    return this.#scopes.some((scope) => scope.kind === kind && scope.id === id)
  }

  /** @returns `unit` */
  add(kind: UnitKind, id: string, unit: Unit | undefined): Unit | undefined {
    this.#scopes.push(unit?.scope ?? { kind, id, sections: {} })
    if (unit) this.#units.push(unit)
    if (unit?.isDisabled) this.refusal ??= `The ${kind} "${id}" is disabled.`
    if (!unit && this.#refusesUnknown) this.refusal ??= `The ${kind} "${id}" is not known here.`
    return unit
  }
}
