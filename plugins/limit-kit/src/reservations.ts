/** What exchanges have taken from limits: taken all at once, held while they run, settled once when they end. */
import { exchangeKey, GatewayError } from '@sluice/core'
import type { Exchange, ExchangeKey, Logger } from '@sluice/core'
import type { Claim, Counters, Level, Reservation } from '@sluice/store-kit'
import { Settlements } from './settlements.ts'

/** Claims that were granted together; `of` says, for each, what of. */
export interface Taken<Of> {
  lease: string
  claims: readonly Claim[]
  of: readonly Of[]
}

export interface ReservationSettings<Of> {
  counters: Counters
  /** Of the plugin instance. */
  id: string
  log: Logger
  /** What happens to requests while the counters are out of reach. */
  whenUnavailable: 'allow' | 'refuse'
  /** What the claims came to in truth, in their order. Asked once, when they are settled. */
  amountsOf(taken: Taken<Of>, exchange: Exchange): readonly number[]
  /** Called when something may have been given back. */
  onSettled?(claims: readonly Claim[]): void
}

type Now<T> = T | Promise<T>

/** Seconds after which a client may look whether the counters are back. */
const OUTAGE_WAIT = 5

/**
 * The reservations of one plugin instance. Nothing here makes a promise if the counters answer at once. Errors of
 * the counters are told once an outage; what may have been taken during one is given back when it is over.
 */
export class Reservations<Of> {
  readonly #settings: ReservationSettings<Of>
  readonly #settlements: Settlements
  readonly #held: ExchangeKey<Taken<Of>[]>
  readonly #prefix = `${crypto.randomUUID()}-`
  #leases = 0
  #isOut = false

  constructor(settings: ReservationSettings<Of>) {
    this.#settings = settings
    this.#settlements = new Settlements(settings.counters, settings.log)
    this.#held = exchangeKey(`${settings.id}/reservations`)
  }

  /**
   * Takes all claims for the exchange, or none; the answer says which. Undefined if the counters are out of reach
   * and requests are allowed then.
   * @throws GatewayError `overloaded` if they are out of reach and requests are refused then
   */
  take(exchange: Exchange, claims: readonly Claim[], of: readonly Of[]): Now<Reservation | undefined> {
    const taken = { lease: this.#prefix + (this.#leases++).toString(36), claims, of }
    try {
      const given = this.#settings.counters.reserve(taken.lease, claims)
      if (!(given instanceof Promise)) return this.#given(exchange, taken, given)
      return given.then(
        (reservation) => this.#given(exchange, taken, reservation),
        (error) => this.#failed(taken, error),
      )
    } catch (error) {
      return this.#failed(taken, error)
    }
  }

  /** Settles all that the exchange holds; for `onComplete`. */
  settle(exchange: Exchange): Now<void> {
    const held = exchange.get(this.#held)
    if (!held) return undefined
    let pending: Promise<unknown> | undefined
    for (let taken = held.pop(); taken; taken = held.pop()) {
      const settled = this.#settle(taken, this.#settings.amountsOf(taken, exchange))
      if (settled) pending = pending ? Promise.all([pending, settled]) : settled
    }
    return pending?.then(() => undefined)
  }

  /** Settles what was taken last before the exchange is over. */
  settleLast(exchange: Exchange): Now<void> {
    const taken = exchange.get(this.#held)?.pop()
    return taken && this.#settle(taken, this.#settings.amountsOf(taken, exchange))
  }

  /** Levels as they are, or undefined as `take` says it. */
  read(claims: readonly Claim[]): Now<Level[] | undefined> {
    try {
      const levels = this.#settings.counters.read(claims)
      return levels instanceof Promise ? levels.catch((error) => this.#outOfReach(error)) : levels
    } catch (error) {
      return this.#outOfReach(error)
    }
  }

  close(): Promise<void> {
    return this.#settlements.close()
  }

  #given(exchange: Exchange, taken: Taken<Of>, reservation: Reservation): Reservation {
    if (this.#isOut) {
      this.#isOut = false
      this.#settings.log.info('the counters are back')
    }
    if (!reservation.granted) return reservation
    const held = exchange.get(this.#held)
    // It may come too late: the exchange has ended meanwhile, and nobody else would settle it.
    if (exchange.outcome) void this.#settle(taken, nothing(taken.claims))
    else if (held) held.push(taken)
    else exchange.set(this.#held, [taken])
    return reservation
  }

  #failed({ lease, claims }: Taken<Of>, error: unknown): undefined {
    // It may have been taken all the same.
    this.#settlements.add({ lease, claims, amounts: nothing(claims) })
    return this.#outOfReach(error)
  }

  #outOfReach(error: unknown): undefined {
    const { log, whenUnavailable } = this.#settings
    if (!this.#isOut) {
      this.#isOut = true
      const until = whenUnavailable === 'allow' ? 'go unlimited' : 'are refused'
      log.warn({ err: error }, `the counters are out of reach: requests ${until} until they are back`)
    }
    if (whenUnavailable === 'allow') return undefined
    throw new GatewayError('overloaded', 'Limits cannot be checked at the moment. Try again in a few seconds.', {
      retryAfter: OUTAGE_WAIT,
    })
  }

  #settle({ lease, claims }: Taken<Of>, amounts: readonly number[]): Promise<void> | undefined {
    const settings = this.#settings
    try {
      const settled = settings.counters.settle(lease, claims, amounts)
      if (settled instanceof Promise) {
        return settled.then(
          () => settings.onSettled?.(claims),
          () => this.#settlements.add({ lease, claims, amounts }),
        )
      }
      settings.onSettled?.(claims)
    } catch {
      this.#settlements.add({ lease, claims, amounts })
    }
    return undefined
  }
}

function nothing(claims: readonly Claim[]): number[] {
  return claims.map(() => 0)
}
