import type { Claim } from './counters.ts'
import type { Pool } from './pool.ts'
import type { Rest } from './remote-counters.ts'

/** A part of a key's amount, which this process holds under a lease and grants claims from. */
export class Chunk {
  readonly pool: Pool
  /** From then on nothing is granted from it (on the clock of `performance`). */
  readonly until: number
  lease: string
  /** What the lease holds. */
  claims: readonly Claim[]
  /** Whether it is what its pool grants from. */
  isOpen = true
  /** When the server was told last. */
  toldAt: number
  /** What was granted and came to in truth, since the server was told. */
  used = 0
  /** How many grants are not settled, and what they were granted. */
  grants = 0
  held = 0
  #size: number
  #least: number

  constructor(pool: Pool, lease: string, claims: readonly Claim[], takenAt: number) {
    this.pool = pool
    this.lease = lease
    this.claims = claims
    this.toldAt = takenAt
    this.until = takenAt + pool.life
    this.#size = this.#least = claims[0]!.amount
  }

  get free(): number {
    return this.#size - this.used - this.held
  }

  /** Most of it that was in use at a time. */
  get peak(): number {
    return this.#size - this.#least
  }

  /** Whether so little is left, or so little of its time, that there should be another one soon. */
  isRunningOut(now: number): boolean {
    return this.free < this.#size / 2 || now > this.until - this.pool.life / 4
  }

  take(amount: number): void {
    this.grants++
    this.held += amount
    if (this.free < this.#least) this.#least = this.free
  }

  /** Ends what `take` began. */
  end(amount: number, used: number): void {
    this.grants--
    this.held -= amount
    this.used = Math.min(this.used + used, Number.MAX_SAFE_INTEGER)
  }

  /** What is not settled goes on under another lease. */
  moveTo(lease: string, now: number): Rest {
    const amounts = [this.held, 0]
    this.lease = lease
    this.claims = this.claims.map((claim, i) => ({ ...claim, amount: amounts[i]! }))
    this.toldAt = now
    this.#size = this.held
    this.used = 0
    return { lease, amounts }
  }
}
