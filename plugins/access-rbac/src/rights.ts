import { covers, expand, reachOf } from './grants.ts'
import type { Grants } from './grants.ts'

/** Verdicts that are remembered for a list of roles: models' names come from clients. */
const VERDICTS = 10_000

/** What a list of roles comes to. */
export class Rights {
  /** What routes may demand. */
  readonly permissions: readonly string[]
  /** Whether model lists may be read: by whoever uses models, or looks after them. */
  readonly maySeeModels: boolean
  /** Whether some permissions reach no further than one's own team. */
  readonly isPartial: boolean
  readonly #seesAll: boolean
  readonly #grants: readonly Grants[]
  /** By operation, then model. */
  readonly #verdicts = new Map<string, Map<string, boolean>>()
  #remembered = 0

  /** @param known permissions that mounted routes demand */
  constructor(grants: readonly Grants[], known: readonly string[]) {
    this.#grants = grants
    this.permissions = expand(grants, known)
    const usesModels = grants.some(({ models }) => models.length > 0)
    this.#seesAll = this.reach('models:read') !== undefined
    this.maySeeModels = this.#seesAll || usesModels
    this.isPartial = grants.some(({ team }) => team.size > 0)
  }

  /** Whether `operation` may be asked of `model`. */
  mayUse(operation: string, model: string): boolean {
    const verdict = this.#verdicts.get(operation)?.get(model)
    return verdict ?? this.#judge(operation, model)
  }

  /** Whether model lists show the model: to whoever may ask it anything, and to those who look after models. */
  seesModel(model: string): boolean {
    return this.#seesAll || this.#grants.some(({ isModel }) => isModel(model))
  }

  /** Whose things the permission lets one reach. */
  reach(permission: string): 'all' | 'team' | undefined {
    return reachOf(this.#grants, permission)
  }

  /** Whether nothing that `wanted` grants is beyond these rights. */
  covers(wanted: Grants): boolean {
    return covers(this.#grants, wanted)
  }

  #judge(operation: string, model: string): boolean {
    const verdict = this.#grants.some((grants) => grants.mayUse(operation, model))
    if (++this.#remembered > VERDICTS) {
      this.#verdicts.clear()
      this.#remembered = 1
    }
    const models = this.#verdicts.get(operation) ?? new Map<string, boolean>()
    this.#verdicts.set(operation, models.set(model, verdict))
    return verdict
  }
}
