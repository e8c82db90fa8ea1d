/** A token and the seconds for which it is valid from now on. */
export type Token = { value: string; lifetime: number }

/** Parts of a token's lifetime: until it is renewed, and until it is used no more, as clocks differ. */
const RENEW = 0.8
const USE = 0.95
/** Milliseconds until a failed renewal is tried again, while the old token holds. */
const PAUSE = 10_000

/** Keeps one token and renews it in time. There is one fetch at a time, whoever waits for it. */
export class TokenCache {
  readonly #fetch: () => Promise<Token>
  readonly #onTrouble: (error: unknown) => void
  readonly #now: () => number
  #value = ''
  #renewAt = 0
  #usableUntil = 0
  #pending: Promise<string> | undefined

  /**
   * @param onTrouble told of every fetch that failed
   * @param now milliseconds on any clock
   */
  constructor(fetch: () => Promise<Token>, onTrouble: (error: unknown) => void, now = Date.now) {
    this.#fetch = fetch
    this.#onTrouble = onTrouble
    this.#now = now
  }

  /** A token that is valid; a promise only where none is at hand. Rejects as the fetch does. */
  get(): string | Promise<string> {
    const now = this.#now()
    if (now < this.#renewAt) return this.#value
    this.#pending ??= this.#renew()
    return now < this.#usableUntil ? this.#value : this.#pending
  }

  #renew(): Promise<string> {
    const renewal = this.#fetchOne().finally(() => (this.#pending = undefined))
    renewal.catch(this.#onTrouble)
    return renewal
  }

  async #fetchOne(): Promise<string> {
    try {
      const { value, lifetime } = await this.#fetch()
      const now = this.#now()
      this.#value = value
      this.#renewAt = now + lifetime * RENEW * 1000
      this.#usableUntil = now + lifetime * USE * 1000
      return value
    } catch (error) {
      // Nobody waits while the old token holds, so that there is time.
      this.#renewAt = Math.min(this.#now() + PAUSE, this.#usableUntil)
      throw error
    }
  }
}
