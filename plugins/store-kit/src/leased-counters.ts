import type { Claim, Level, Reservation } from './counters.ts'
import { Ends } from './ends.ts'
import { assertAmount, assertClaim } from './meter.ts'
import type { RemoteCounters, Rest } from './remote-counters.ts'

/** What becomes of the end of a lease that the server does not know. */
export type Unknown =
  /** It is another process's, or over: nothing. */
  | 'ignore'
  /** It was ours and the server lost it: its amounts are taken in full. */
  | 'charge'
  /** Nobody knows whether it began: from now on it cannot. */
  | 'forbid'

/** The end of a lease. */
export interface End {
  readonly lease: string
  readonly claims: readonly Claim[]
  readonly amounts: readonly number[]
  readonly unknown: Unknown
  /** What stays held, unless the lease is unknown or there is a lease of that name, also one that is over. */
  readonly rest: Rest | undefined
}

/** Counters on a server that many processes share. What a lease holds is given back if it is not renewed for its life. */
export interface CounterServer {
  /**
   * @param force takes the claims whatever the limits say, unless the lease is known
   * @returns undefined if there is such a lease
   */
  reserve(lease: string, claims: readonly Claim[], force: boolean): Promise<Reservation | undefined>
  /** Ends leases in this order, all or none. Remembers for some minutes that they are over. */
  settle(ends: readonly End[]): Promise<void>
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

/** Leases that a call renews. */
const BATCH = 200

/**
 * Does what a process owes its leases on a server: renews them while they are held, takes them again if the server
 * lost its memory, and tells it of their ends, those of one turn of the event loop together, also if it was out of
 * reach then.
 */
export class LeasedCounters implements RemoteCounters {
  readonly #server: CounterServer
  readonly #onError: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  readonly #open = new Map<string, readonly Claim[]>()
  readonly #ends: Ends
  #isBusy = false

  constructor({ server, interval, onError }: LeasedCountersOptions) {
    this.#server = server
    this.#onError = onError
    this.#ends = new Ends(server, onError)
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
      this.#ends.tellLater({ lease, claims, amounts: claims.map(() => 0), unknown: 'forbid', rest: undefined })
      throw error
    }
    if (!reservation) throw held(lease)
    if (reservation.granted) this.#open.set(lease, claims)
    return reservation
  }

  async settle(lease: string, claims: readonly Claim[], amounts: readonly number[], rest?: Rest): Promise<void> {
    for (let i = 0; i < claims.length; i++) {
      assertAmount(amounts[i])
      if (rest) assertAmount(rest.amounts[i])
    }
    if (this.#ends.has(lease)) return
    const ours = this.#open.get(lease)
    this.#open.delete(lease)
    if (ours && rest) this.#open.set(rest.lease, remainderOf(ours, rest))
    await this.#ends.tell({ lease, claims: ours ?? claims, amounts, unknown: ours ? 'charge' : 'ignore', rest })
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
      await this.#ends.tellAgain()
    } catch (error) {
      this.#onError(error)
    } finally {
      this.#isBusy = false
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

function remainderOf(claims: readonly Claim[], { amounts }: Rest): Claim[] {
  return claims.map((claim, i) => ({ ...claim, amount: amounts[i]! }))
}

function held(lease: string): TypeError {
  return new TypeError(`The lease ${JSON.stringify(lease)} is held already.`)
}
