/** What is set for a call before it is made: its time limits, its share of the retry budget, when to hedge. */
import { exchangeKey, GatewayError } from '@sluice/core'
import type { Attempt, Exchange, Target } from '@sluice/core'
import { routedModel } from '@sluice/route-kit'
import type { RouteClock } from '@sluice/route-kit'
import type { TargetsHealth } from './health.ts'
import { JOURNEY, positionIn } from './journey.ts'
import type { Journey } from './journey.ts'
import type { CompiledPolicy, Policies } from './policy.ts'

/** Set for requests that only ask how a target is: milliseconds that an answer may take. */
export const PROBE = exchangeKey<number>('route-resilience/probe')

export class Departure {
  readonly #policies: Policies
  readonly #health: TargetsHealth
  readonly #clock: RouteClock

  constructor(policies: Policies, health: TargetsHealth, clock: RouteClock) {
    this.#policies = policies
    this.#health = health
    this.#clock = clock
  }

  /** @throws GatewayError `overloaded` if the target of a hedged call is out of order, or its retry budget is used up */
  prepare(attempt: Attempt, exchange: Exchange): void {
    const journey = exchange.get(JOURNEY)
    journey?.settle(exchange, attempt.target)
    const policy = journey?.policy ?? this.#policies.of(routedModel(exchange))
    this.#pay(attempt, exchange, journey)
    this.#limit(attempt, exchange, policy)
    if (policy.hedge) this.#hedge(attempt, exchange, policy.hedge.after, journey)
  }

  #pay({ target, number }: Attempt, { attempts }: Exchange, journey: Journey | undefined): void {
    const isBeside = attempts[number - 2]?.endedAt === 0
    if (isBeside) return this.#payBeside(target)
    // Nothing is made for models that some client has thought up.
    if (!journey?.wasCalled(target)) this.#health.peek(target)?.budget.deposit()
  }

  /** Since the first call began, the target may have failed others. */
  #payBeside(target: Target): void {
    if (!this.#health.claim(target))
      throw new GatewayError('overloaded', 'The next target is out of order: it is not asked beside the first.')
    if (!this.#health.of(target).budget.take(this.#clock.now()))
      throw new GatewayError('overloaded', 'Too many requests are slow: no further target is asked.')
  }

  #limit({ timeouts }: Attempt, exchange: Exchange, { timeouts: own, isHard, deadline }: CompiledPolicy): void {
    if (own) Object.assign(timeouts, own)
    const probe = exchange.get(PROBE)
    if (!isHard && probe === undefined) return
    const left = probe ?? deadline - (this.#clock.now() - exchange.attempts[0]!.startedAt)
    timeouts.total = Math.max(1, Math.min(timeouts.total, left))
    timeouts.firstByte = Math.max(1, Math.min(timeouts.firstByte, left))
  }

  /** Only the first call of an exchange, and only with another target of the same model. */
  #hedge(attempt: Attempt, exchange: Exchange, after: number | 'p95', journey: Journey | undefined): void {
    if (attempt.number > 1 || exchange.raw) return
    const other = exchange.targets[positionIn(exchange) + 1]
    if (!other || journey?.isAlternative(other) || this.#health.state(other).open) return
    const known = this.#health.peek(attempt.target)
    const wait = after === 'p95' ? known?.[exchange.stream ? 'streams' : 'answers'].p95 : after
    if (wait !== undefined && this.#health.of(other).budget.has(this.#clock.now())) attempt.hedgeAfter = wait
  }
}
