import { ANONYMOUS, GatewayError } from '@sluice/core'
import type { Exchange, Principal } from '@sluice/core'
import type { Directory } from './directory.ts'
import type { RoleBook } from './role-book.ts'
import type { Routes } from './routes.ts'
import { place, standingOf } from './standing.ts'
import type { Standing } from './standing.ts'

/** Callers that are remembered: the work is done anew for others. */
const CALLERS = 20_000

/** Decides what an exchange's principal may do. */
export class Access {
  readonly #roles: RoleBook
  readonly #directory: Directory
  readonly #routes: Routes
  readonly #isLoaded: () => boolean
  /** By id of the principal; it holds for the very object that authentication gave. */
  readonly #standings = new Map<string, Standing>()

  /** @param isLoaded whether the records have been seen, without which nothing about them can be said */
  constructor(roles: RoleBook, directory: Directory, routes: Routes, isLoaded: () => boolean) {
    this.#roles = roles
    this.#directory = directory
    this.#routes = routes
    this.#isLoaded = isLoaded
  }

  /** Roles or records have changed. */
  forget(): void {
    this.#standings.clear()
  }

  /**
   * Puts everything that is known of its principal into the exchange.
   * @throws GatewayError `permission_denied` if the principal may not do this, `overloaded` if that cannot be said yet
   */
  check(exchange: Exchange): void {
    const { principal: caller, operation, model } = exchange
    if (caller === ANONYMOUS) return
    const known = this.#standings.get(caller.id)
    const standing = known?.origin === caller ? known : this.#find(caller)
    const { rights, narrowing, refusal } = standing
    exchange.principal = standing.principal
    if (refusal !== undefined) throw denied(refusal)
    if (operation === 'operator') return this.#routes.check(exchange, rights)
    if (operation === 'models') {
      if (!rights.maySeeModels) throw denied('Your roles do not permit to list models.')
      return exchange.narrow((each) => rights.seesModel(each) && narrowing.every((unit) => unit.seesModel(each)))
    }
    if (!rights.mayUse(operation, model)) throw notPermitted('Your roles do', operation, model)
    for (const unit of narrowing) {
      const { kind, id } = unit.scope
      if (!unit.mayUse(operation, model)) throw notPermitted(`The ${kind} "${id}" does`, operation, model)
    }
  }

  #find(caller: Principal): Standing {
    // An exchange that the gateway makes for somebody has the principal of the one that it is made for.
    const origin = standingOf(caller)?.origin ?? caller
    const known = this.#standings.get(origin.id)
    if (known?.origin === origin) return known
    const standing = this.#judge(origin)
    if (this.#standings.size >= CALLERS) this.#standings.clear()
    this.#standings.set(origin.id, standing)
    return standing
  }

  #judge(origin: Principal): Standing {
    const { user, team, organisation, roles: own = [], key } = origin
    if (!this.#isLoaded() && (user ?? team ?? organisation) !== undefined) {
      const message = 'The gateway cannot read yet what it needs to know of this caller. Try again shortly.'
      throw new GatewayError('overloaded', message, { retryAfter: 1 })
    }
    const found = this.#directory.placeOf(origin)
    // A key has the roles that it was given, whoever uses it.
    const roles = own.length === 0 && key === undefined ? found.roles : own
    return place(origin, found, roles, this.#roles.rightsOf(roles))
  }
}

function notPermitted(who: string, operation: string, model: string): GatewayError {
  return new GatewayError('permission_denied', `${who} not permit "${operation}" with the model "${model}".`, {
    param: 'model',
  })
}

function denied(message: string): GatewayError {
  return new GatewayError('permission_denied', message)
}
