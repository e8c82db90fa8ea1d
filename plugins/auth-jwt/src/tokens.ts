import { milliseconds } from '@sluice/core'
import type { JsonObject, Principal } from '@sluice/core'
import type { Options } from './options.ts'
import { Remembered } from './remembered.ts'

/** The principals of tokens that were found good, for as long as they are. */
export class Tokens {
  readonly #principalOf: (claims: JsonObject) => Principal
  readonly #ttl: number
  readonly #good: Remembered<Principal>

  constructor(principalOf: (claims: JsonObject) => Principal, { cacheTtl, cacheSize }: Options) {
    this.#principalOf = principalOf
    this.#ttl = milliseconds(cacheTtl ?? '5m')
    this.#good = new Remembered(cacheSize ?? 10_000)
  }

  get(token: string): Principal | undefined {
    return this.#good.get(token)
  }

  /** @throws GatewayError if the claims make no principal */
  add(token: string, claims: JsonObject): Principal {
    const principal = this.#principalOf(claims)
    const { exp } = claims
    const end = typeof exp === 'number' ? exp * 1000 : Infinity
    this.#good.set(token, principal, Math.min(end, Date.now() + this.#ttl))
    return principal
  }
}
