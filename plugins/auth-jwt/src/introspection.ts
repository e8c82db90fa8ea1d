import { milliseconds } from '@sluice/core'
import type { JsonObject, Logger } from '@sluice/core'
import { unavailable } from './issuer-keys.ts'
import { isJwt } from './jwt.ts'
import type { Issuer } from './issuer.ts'
import type { Options } from './options.ts'
import { Remembered } from './remembered.ts'

/** Questions under way at once. */
const MOST_PENDING = 200
/** Milliseconds for which the issuer is not asked again: about a token that it did not know, and after it failed. */
const REFUSED_TTL = 10_000
const PAUSE = 1_000

/** Asks the issuer about tokens that say nothing themselves (RFC 7662). */
export class Introspection {
  readonly #issuer: Issuer
  readonly #options: Options
  readonly #settings: NonNullable<Options['introspection']>
  readonly #authorization: string
  readonly #skew: number
  readonly #log: Logger
  readonly #refused: Remembered<true>
  readonly #pending = new Map<string, Promise<JsonObject | undefined>>()
  #failedAt = Number.NEGATIVE_INFINITY

  constructor(issuer: Issuer, options: Options, settings: NonNullable<Options['introspection']>, log: Logger) {
    this.#issuer = issuer
    this.#options = options
    this.#settings = settings
    const { clientId, clientSecret } = settings
    // RFC 6749, section 2.3.1: each part is encoded as in a form before it is put together.
    const pair = [clientId, clientSecret].map((part) => new URLSearchParams({ part }).toString().slice('part='.length))
    this.#authorization = `Basic ${Buffer.from(pair.join(':')).toString('base64')}`
    this.#skew = milliseconds(options.clockSkew ?? '30s') / 1000
    this.#log = log
    this.#refused = new Remembered(options.cacheSize ?? 10_000)
  }

  /** Whether the issuer may be asked about such a token. */
  recognises(token: string): boolean {
    // A JWT of somebody else is none of the issuer's business.
    return token.startsWith(this.#settings.prefix ?? '') && !isJwt(token)
  }

  /** Undefined if the token is not good here. @throws GatewayError `overloaded` if that cannot be said */
  async claimsOf(token: string): Promise<JsonObject | undefined> {
    if (this.#refused.get(token)) return undefined
    const asked = this.#pending.get(token)
    if (asked) return asked
    const wait = this.#failedAt + PAUSE - performance.now()
    if (wait > 0 || this.#pending.size >= MOST_PENDING) throw unavailable(wait)
    const answer = this.#ask(token).finally(() => this.#pending.delete(token))
    this.#pending.set(token, answer)
    return answer
  }

  async #ask(token: string): Promise<JsonObject | undefined> {
    try {
      const url = this.#settings.url ?? (await this.#issuer.endpoint('introspection_endpoint'))
      const claims = await this.#issuer.post(url, { token, token_type_hint: 'access_token' }, this.#authorization)
      if (this.#isGood(claims)) return claims
      this.#refused.set(token, true, Date.now() + REFUSED_TTL)
      return undefined
    } catch (err) {
      this.#failedAt = performance.now()
      this.#log.error({ err }, 'the issuer cannot be asked about tokens')
      throw unavailable(PAUSE, err)
    }
  }

  #isGood({ active, iss, aud, exp, nbf, ...claims }: JsonObject): boolean {
    const { issuer, audience, requiredClaims = [] } = this.#options
    const now = Date.now() / 1000
    // Issuers need not say who they are, nor for whom a token is: they know who asks.
    return (
      active === true &&
      (iss === undefined || iss === issuer) &&
      (aud === undefined || [aud].flat().some((each) => audience.includes(each as string))) &&
      (exp === undefined || (typeof exp === 'number' && now < exp + this.#skew)) &&
      (nbf === undefined || (typeof nbf === 'number' && nbf - this.#skew <= now)) &&
      requiredClaims.every((claim) => claim in claims)
    )
  }
}
