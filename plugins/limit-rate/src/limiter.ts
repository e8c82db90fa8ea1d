/** Claims at each step of a request's life, and what becomes of those that are refused. */
import { exchangeKey } from '@sluice/core'
import type { Attempt, Exchange, GatewayError, Reply } from '@sluice/core'
import { Reservations } from '@sluice/limit-kit'
import type { ReservationSettings } from '@sluice/limit-kit'
import type { Reservation } from '@sluice/store-kit'
import type { Demand, Demands } from './demand.ts'
import { Standing } from './headers.ts'
import { Lines } from './lines.ts'
import type { Refused } from './lines.ts'
import { refusal } from './refusal.ts'
import { DividedDemand } from './shares.ts'
import { usedOf } from './used.ts'
import type { Of } from './used.ts'

type Now<T> = T | Promise<T>
/** `short`: which claim of the demand. */
type Verdict = (NonNullable<Refused> & { short: number }) | undefined

/** Others may be quicker between a look at the levels of a divided limit and the claim. */
const TRIES = 4
/** Milliseconds to name where it is not known how long the line takes. */
const UNKNOWN_WAIT = 1000

export class Limiter {
  readonly #demands: Demands
  readonly #lines = new Lines()
  readonly #reservations: Reservations<Of>
  readonly #standing
  readonly #attempt

  constructor(demands: Demands, settings: Omit<ReservationSettings<Of>, 'amountsOf' | 'onSettled'>) {
    this.#demands = demands
    this.#reservations = new Reservations<Of>({
      ...settings,
      amountsOf: usedOf,
      onSettled: (claims) => this.#lines.wake(claims),
    })
    this.#standing = exchangeKey<Standing>(`${settings.id}/standing`)
    this.#attempt = exchangeKey<Attempt>(`${settings.id}/attempt`)
  }

  /** @throws GatewayError `rate_limit_exceeded`; so do the next two */
  authorize(exchange: Exchange): Now<void> {
    return this.#claim(exchange, this.#demands.ofRequest(exchange))
  }

  admit(exchange: Exchange): Now<void> {
    return this.#claim(exchange, this.#demands.ofSpending(exchange))
  }

  /** What is counted by provider. A refusal leaves the request to the next target. */
  beforeAttempt(attempt: Attempt, exchange: Exchange): Now<void> {
    const demand = this.#demands.ofAttempt(exchange, attempt.target.provider)
    if (demand.claims.length === 0) return undefined
    const hold = (): void => exchange.set(this.#attempt, attempt)
    const claimed = this.#claim(exchange, demand)
    return claimed ? claimed.then(hold) : hold()
  }

  /** What a provider that failed has kept is free for others at once. */
  afterAttempt(attempt: Attempt, exchange: Exchange): Now<void> {
    const failed = attempt.error !== undefined && !exchange.answered
    return failed && exchange.get(this.#attempt) === attempt ? this.#reservations.settleLast(exchange) : undefined
  }

  settle(exchange: Exchange): Now<void> {
    return this.#reservations.settle(exchange)
  }

  writeHeaders(reply: Reply, exchange: Exchange): void {
    exchange.get(this.#standing)?.write(reply)
  }

  close(): Promise<void> {
    return this.#reservations.close()
  }

  #claim(exchange: Exchange, demand: Demand): Now<void> {
    if (demand.claims.length === 0) return undefined
    const behind = this.#lines.waitedFor(demand.claims)
    if (behind >= 0) return this.#wait(exchange, demand, behind)
    const given = this.#take(exchange, demand)
    if (given instanceof Promise) return given.then((reservation) => this.#judge(exchange, demand, reservation))
    return this.#judge(exchange, demand, given)
  }

  #take(exchange: Exchange, demand: Demand): Now<Reservation | undefined> {
    if (demand.isDivided) return this.#takeDivided(exchange, demand)
    return this.#reservations.take(exchange, demand.claims, demand.counts)
  }

  /** Throws or waits where it was refused. */
  #judge(exchange: Exchange, demand: Demand, reservation: Reservation | undefined): Now<void> {
    const refused = this.#verdict(exchange, demand, reservation)
    if (!refused) return undefined
    if (refused.retryAfter === Infinity || !demand.counts[refused.short]!.rule.queue) throw refused.error
    return this.#wait(exchange, demand, refused.short, refused.error)
  }

  /** @param short the claim that has to wait @param error what was said of it, if it was tried */
  #wait(exchange: Exchange, demand: Demand, short: number, error?: GatewayError): Promise<void> {
    const { claims, counts } = demand
    const claim = claims[short]!
    const count = counts[short]!
    return this.#lines.wait(claim.key, count.rule.queue!, {
      exchange,
      priority: this.#demands.priorityOf(exchange),
      refusal: error ?? refusal(count, claim, undefined, UNKNOWN_WAIT),
      try: async () => {
        const refused = this.#verdict(exchange, demand, await this.#take(exchange, demand))
        // What nobody may wait for is refused at once, whichever line it was met in.
        return refused && !counts[refused.short]!.rule.queue ? { ...refused, retryAfter: Infinity } : refused
      },
    })
  }

  /** Notes how the limits stand; not those of providers, which are no client's business. */
  #verdict(exchange: Exchange, { claims, counts }: Demand, reservation: Reservation | undefined): Verdict {
    if (!reservation) return undefined
    const { granted, levels, short, retryAfter } = reservation
    const isClients = !counts[0]!.rule.perAttempt
    if (granted) {
      if (isClients) this.#standingOf(exchange).note(counts, levels)
      return undefined
    }
    const count = counts[short]!
    const level = levels[short]!
    if (isClients) this.#standingOf(exchange).refusedBy(count, level, retryAfter === Infinity)
    return { error: refusal(count, claims[short]!, level, retryAfter), retryAfter, short }
  }

  #standingOf(exchange: Exchange): Standing {
    const known = exchange.get(this.#standing)
    if (known) return known
    const standing = new Standing()
    exchange.set(this.#standing, standing)
    return standing
  }

  async #takeDivided(exchange: Exchange, demand: Demand): Promise<Reservation | undefined> {
    const divided = new DividedDemand(demand, this.#demands.priorityOf(exchange))
    let answer: Reservation | undefined
    for (let tries = 0; tries < TRIES; tries++) {
      const read = this.#reservations.read(divided.read)
      // No turn of the event loop between look and claim where the counters need none.
      const levels = read instanceof Promise ? await read : read
      if (!levels) return undefined
      const portions = divided.portions(levels)
      if (!portions.reservation.granted) return portions.reservation
      const said = await this.#reservations.take(exchange, portions.claims, portions.of)
      if (!said) return undefined
      answer = divided.answer(portions, said)
      if (answer.granted || !demand.counts[answer.short]!.rule.shares) break
    }
    return answer
  }
}
