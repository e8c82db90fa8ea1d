export type BudgetSettings = { ratio: number; perMinute: number }

/**
 * A token bucket for calls again: each first call brings a part of a token, time brings some, and each call again takes
 * one. So in any time there are at most `ratio` × first calls + `perMinute` × (minutes + 1) of them.
 */
export class RetryBudget {
  readonly #ratio: number
  readonly #perMinute: number
  #tokens: number
  #filledAt = 0

  constructor({ ratio, perMinute }: BudgetSettings) {
    this.#ratio = ratio
    this.#perMinute = perMinute
    this.#tokens = perMinute
  }

  /** A first call. */
  deposit(): void {
    this.#tokens = Math.min(this.#most, this.#tokens + this.#ratio)
  }

  has(now: number): boolean {
    this.#fill(now)
    return this.#tokens >= 1
  }

  /** A call again; false if there is none left. */
  take(now: number): boolean {
    if (!this.has(now)) return false
    this.#tokens--
    return true
  }

  /** What is saved up is no reason for a storm. */
  get #most(): number {
    return Math.max(this.#perMinute, 1)
  }

  #fill(now: number): void {
    const passed = Math.max(0, now - this.#filledAt)
    this.#filledAt = now
    this.#tokens = Math.min(this.#most, this.#tokens + (passed * this.#perMinute) / 60_000)
  }
}
