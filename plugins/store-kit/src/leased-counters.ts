import { GatewayError } from '@sluice/core'
import type { Claim, Counters, Level, Reservation } from './counters.ts'
import { assertAmount, assertClaim } from './meter.ts'

/** What `settle` does with a lease that the server does not know. */
export type Unknown =
  /** It is another process's, or over: nothing. */
  | 'ignore'
  /** It was ours and the server lost it: its amounts are taken in full. */
  | 'charge'
  /** Nobody knows whether it began: from now on it cannot. */
  | 'forbid'

/** Counters on a server that many processes share. What a lease holds is given back if it is not renewed for its life. */
export interface CounterServer {
  /**
   * @param force takes the claims whatever the limits say, unless the lease is known
   * @returns undefined if there is such a lease
   */
  reserve(lease: string, claims: readonly Claim[], force: boolean): Promise<Reservation | undefined>
  /** Remembers for some minutes that the lease is over. */
  settle(lease: string, claims: readonly Claim[], amounts: readonly number[], unknown: Unknown): Promise<void>
  read(claims: readonly Claim[]): Promise<Level[]>
  reset(key: string): Promise<void>
  /** Gives leases another life, and back what others lost. @returns those that it does not know */
  renew(leases: readonly string[]): Promise<readonly string[]>
}

export interface LeasedCountersOptions {
  server: CounterServer
  /** Milliseconds between two renewals. Half a lease's life at most. */
  interval: number
  /** Told what goes wrong while nobody waits for it. */
  onError: (error: unknown) => void
}

/** `amounts`: what it came to, once it is over. `since`: when that was, on the clock of `performance`. */
type Ended = { claims: readonly Claim[]; amounts: readonly number[]; unknown: Unknown; since: number }

/** Leases that a call renews. */
const BATCH = 200
/** Ends that may wait for the server to hear of their end, and how long: shorter than it remembers those it heard of. */
const WAITING = 10_000
const PATIENCE = 240_000

/**
 * Does what a process owes its leases on a server: renews them while they are held, takes them again if the server
 * lost its memory, and tells it of their end also if it was out of reach then.
 */
export class LeasedCounters implements Counters {
  readonly #server: CounterServer
  readonly #onError: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  readonly #open = new Map<string, readonly Claim[]>()
  readonly #ended = new Map<string, Ended>()
  #isBusy = false

  constructor({ server, interval, onError }: LeasedCountersOptions) {
    this.#server = server
    this.#onError = onError
    this.#timer = setInterval(() => void this.#attend(), interval).unref()
  }

  async reserve(lease: string, claims: readonly Claim[]): Promise<Reservation> {
    for (const claim of claims) assertClaim(claim)
    if (this.#open.has(lease)) throw held(lease)
    let reservation
    try {
      reservation = await this.#server.reserve(lease, claims, false)
    } catch (error) {
      // It may have been granted all the same.
      const amounts = claims.map(() => 0)
      if (this.#ended.size < WAITING)
        this.#ended.set(lease, { claims, amounts, unknown: 'forbid', since: performance.now() })
      throw error
    }
    if (!reservation) throw held(lease)
    if (reservation.granted) this.#open.set(lease, claims)
    return reservation
  }

  async settle(lease: string, claims: readonly Claim[], amounts: readonly number[]): Promise<void> {
    for (let i = 0; i < claims.length; i++) assertAmount(amounts[i])
    if (this.#ended.has(lease)) return
    const ours = this.#open.get(lease)
    const unknown = ours ? 'charge' : 'ignore'
    this.#open.delete(lease)
    this.#ended.set(lease, { claims: ours ?? claims, amounts, unknown, since: performance.now() })
    try {
      await this.#server.settle(lease, ours ?? claims, amounts, unknown)
      this.#ended.delete(lease)
    } catch (error) {
      if (this.#ended.size > WAITING) this.#ended.delete(lease)
      throw error
    }
  }

  read(claims: readonly Claim[]): Promise<Level[]> {
    return this.#server.read(claims)
  }

  reset(key: string): Promise<void> {
    return this.#server.reset(key)
  }

  /** Renews no more: what is still held is given back when its life is over. */
  close(): void {
    clearInterval(this.#timer)
  }

  async #attend(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      await this.#renew()
      await this.#tellEnds()
    } catch (error) {
      this.#onError(error)
    } finally {
      this.#isBusy = false
    }
  }

  /** @throws GatewayError if the server is out of reach: it is told the rest the next time */
  async #tellEnds(): Promise<void> {
    for (const [lease, { claims, amounts, unknown, since }] of this.#ended) {
      try {
        if (performance.now() - since < PATIENCE) await this.#server.settle(lease, claims, amounts, unknown)
      } catch (error) {
        if (GatewayError.is(error)) throw error
        this.#onError(error)
      }
      this.#ended.delete(lease)
    }
  }

  /** Also if there are none: others may have lost theirs. */
  async #renew(): Promise<void> {
    const leases = [...this.#open.keys()]
    for (let i = 0; i === 0 || i < leases.length; i += BATCH) {
      for (const lease of await this.#server.renew(leases.slice(i, i + BATCH))) {
        const claims = this.#open.get(lease)
        if (claims) await this.#server.reserve(lease, claims, true)
      }
    }
  }
}

function held(lease: string): TypeError {
  return new TypeError(`The lease ${JSON.stringify(lease)} is held already.`)
}
