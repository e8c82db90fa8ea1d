import { describe, GatewayError } from '@sluice/core'
import type { Logger } from '@sluice/core'
import { createLocalJWKSet, errors } from 'jose'
import type { JSONWebKeySet, LocalJWKSet } from 'jose'

/** Finds the key that a token says it is signed with. */
export type KeyFinder = (...args: Parameters<LocalJWKSet>) => ReturnType<LocalJWKSet>

/** Milliseconds. */
export interface KeyTimes {
  /** After which the keys are fetched anew. */
  ttl: number
  /** For which they hold beyond that, while they cannot be fetched. */
  grace: number
  /** Between two fetches for keys that nobody knows. */
  cooldown: number
}

/** What is known of an issuer's keys. `at`: when they were fetched, in milliseconds of the process. */
export interface KnownKeys {
  keys: LocalJWKSet | undefined
  at: number
}

/** Milliseconds until a fetch that failed is tried again. */
const PAUSE = 1_000
/** Keys of an issuer. */
const MOST_KEYS = 100

/** Keeps the keys of an issuer, who may change them at any time, and may be out of reach. */
export class IssuerKeys {
  readonly #fetch: () => Promise<object>
  readonly #times: KeyTimes
  readonly #known: KnownKeys
  readonly #log: Logger
  readonly #now: () => number
  #triedAt = Number.NEGATIVE_INFINITY
  #isFailing = false
  #pending: Promise<void> | undefined

  /** @param known filled and changed; another one of these may begin with it */
  constructor(
    fetch: () => Promise<object>,
    times: KeyTimes,
    known: KnownKeys,
    log: Logger,
    now = (): number => performance.now(),
  ) {
    this.#fetch = fetch
    this.#times = times
    this.#known = known
    this.#log = log
    this.#now = now
  }

  /**
   * The key for a token, perhaps after a look whether there is a new one.
   * @throws JWKSNoMatchingKey if there is none, GatewayError `overloaded` if that cannot be said
   */
  readonly find: KeyFinder = async (header, token) => {
    const age = this.#now() - this.#known.at
    const { ttl, grace, cooldown } = this.#times
    if (age > ttl + grace || !this.#known.keys) await this.#refresh()
    else if (age > ttl) this.#refresh().catch(() => undefined)
    try {
      return await this.#known.keys!(header, token)
    } catch (error) {
      const isUnknown = error instanceof errors.JWKSNoMatchingKey
      const isFresh = this.#now() - this.#known.at < cooldown
      if (!isUnknown || (isFresh && !this.#isFailing)) throw error
    }
    await this.#refresh()
    return this.#known.keys!(header, token)
  }

  /** Has the keys fetched. Settles either way. */
  async warm(): Promise<void> {
    if (!this.#known.keys) await this.#refresh().catch(() => undefined)
  }

  /** One fetch at a time. @throws GatewayError `overloaded` */
  #refresh(): Promise<void> {
    const wait = this.#isFailing ? this.#triedAt + PAUSE - this.#now() : 0
    if (!this.#pending && wait > 0) return Promise.reject(unavailable(wait))
    this.#pending ??= this.#renew().finally(() => (this.#pending = undefined))
    return this.#pending
  }

  async #renew(): Promise<void> {
    this.#triedAt = this.#now()
    try {
      const set = (await this.#fetch()) as JSONWebKeySet
      if (!Array.isArray(set.keys) || set.keys.length > MOST_KEYS)
        throw new Error(`the issuer gave no set of 1 to ${MOST_KEYS} keys`)
      this.#known.keys = createLocalJWKSet(set)
      this.#known.at = this.#now()
      this.#isFailing = false
    } catch (err) {
      if (!this.#isFailing)
        this.#log.error({ err }, 'the keys of the issuer cannot be had; those that are known hold for a while')
      this.#isFailing = true
      this.#triedAt = this.#now()
      throw unavailable(PAUSE, err)
    }
  }
}

/** Whoever gives out the tokens cannot be asked: that is not the client's fault. */
export function unavailable(wait: number, cause?: unknown): GatewayError {
  const message = 'The gateway cannot check access tokens at the moment. Try again shortly.'
  return new GatewayError('overloaded', message, {
    retryAfter: Math.max(1, wait / 1000),
    ...(cause !== undefined && { cause: cause instanceof Error ? cause : new Error(describe(cause)) }),
  })
}
