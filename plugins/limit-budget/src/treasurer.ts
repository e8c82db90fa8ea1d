/** Reserves what a request may cost before it is sent, and settles what it did cost. */
import { exchangeKey } from '@sluice/core'
import type { Exchange, Target } from '@sluice/core'
import { Reservations } from '@sluice/limit-kit'
import type { ReservationSettings, Taken } from '@sluice/limit-kit'
import type { Claim, Reservation } from '@sluice/store-kit'
import { costOf, estimateTokens } from '@sluice/usage-kit'
import type { Estimate } from '@sluice/usage-kit'
import type { Alerts } from './alerts.ts'
import type { Charge, Charges } from './charges.ts'
import type { Pricing } from './pricing.ts'
import { refusal } from './refusal.ts'

type Now<T> = T | Promise<T>
type Near = { charge: Charge; claim: Claim }

export interface TreasurerSettings extends Omit<ReservationSettings<Charge>, 'amountsOf' | 'onSettled'> {
  charges: Charges
  pricing: Pricing
  alerts: Alerts
  /** Tokens of output, per choice, of requests that do not limit it, and where the budget would not hold that. */
  defaultOutput: number
  leastOutput: number
  now: () => number
}

export class Treasurer {
  readonly #settings: TreasurerSettings
  readonly #reservations: Reservations<Charge>
  /** Budgets that an exchange brought near their threshold. */
  readonly #near

  constructor(settings: TreasurerSettings) {
    this.#settings = settings
    this.#reservations = new Reservations<Charge>({ ...settings, amountsOf: costs })
    this.#near = exchangeKey<Near[]>(`${settings.id}/near`)
  }

  /** @throws GatewayError `budget_exceeded` */
  admit(exchange: Exchange): Now<void> {
    // Counting tokens costs nothing.
    if (exchange.operation === 'count-tokens') return undefined
    const charges = this.#settings.charges.of(exchange)
    if (charges.length === 0) return undefined
    return this.#claim(exchange, charges, estimateTokens(exchange, this.#settings.defaultOutput))
  }

  /** Leaves out what has no price, if that is wanted, where a budget holds. */
  route(targets: readonly Target[], exchange: Exchange): readonly Target[] {
    const { charges, pricing } = this.#settings
    return charges.of(exchange).length > 0 ? pricing.usable(targets) : targets
  }

  settle(exchange: Exchange): Now<void> {
    const settled = this.#reservations.settle(exchange)
    const near = exchange.get(this.#near)
    if (!near) return settled
    return Promise.resolve(settled).then(async () => {
      for (const { charge, claim } of near) await this.#settings.alerts.check(charge, claim, exchange)
    })
  }

  close(): Promise<void> {
    return this.#reservations.close()
  }

  #claim(exchange: Exchange, charges: readonly Charge[], estimate: Estimate): Now<void> {
    const { pricing, now } = this.#settings
    const amount = pricing.most(exchange, estimate)
    const time = now()
    const claims: Claim[] = []
    for (const { budget, suffix } of charges) claims.push(budget.claim(suffix, amount, time))
    const given = this.#reservations.take(exchange, claims, charges)
    if (!(given instanceof Promise)) return this.#judge(exchange, charges, estimate, claims, given)
    return given.then((reservation) => this.#judge(exchange, charges, estimate, claims, reservation))
  }

  #judge(
    exchange: Exchange,
    charges: readonly Charge[],
    { limited }: Estimate,
    claims: readonly Claim[],
    reservation: Reservation | undefined,
  ): Now<void> {
    if (!reservation) return undefined
    const { granted, levels, short, retryAfter } = reservation
    if (granted) return this.#note(exchange, charges, claims, reservation)
    if (limited) throw refusal(charges[short]!.budget, claims[short]!, levels[short]!, retryAfter)
    // A guess is no reason to refuse what may well fit.
    const least = estimateTokens(exchange, this.#settings.leastOutput)
    return this.#claim(exchange, charges, { ...least, limited: true })
  }

  #note(exchange: Exchange, charges: readonly Charge[], claims: readonly Claim[], { levels }: Reservation): void {
    for (let i = 0; i < charges.length; i++) {
      const charge = charges[i]!
      const claim = claims[i]!
      if (!charge.budget.wantsAlert || claim.limit - levels[i]!.remaining < claim.limit * charge.budget.softAt) continue
      const near = exchange.get(this.#near)
      if (near) near.push({ charge, claim })
      else exchange.set(this.#near, [{ charge, claim }])
    }
  }
}

/** Every budget is charged with all of it; what has no price, or was never served, costs nothing. */
function costs({ claims }: Taken<Charge>, exchange: Exchange): number[] {
  const nanoUsd = costOf(exchange)?.nanoUsd ?? 0
  const cost = nanoUsd > 0 ? Math.min(Math.ceil(nanoUsd), Number.MAX_SAFE_INTEGER) : 0
  return claims.map(() => cost)
}
