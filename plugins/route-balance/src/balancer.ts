/** Filters and orders the targets of an exchange, and learns from its attempts how they do. */
import { exchangeKey } from '@sluice/core'
import type { Attempt, Exchange, Target } from '@sluice/core'
import { noTarget, routedModel, STRATEGY, TargetTable, why } from '@sluice/route-kit'
import type { Explanation, Health, RouteClock, TargetFigures } from '@sluice/route-kit'
import { Field } from './field.ts'
import { Filter, refusal } from './filters/filter.ts'
import type { Excluded } from './filters/filter.ts'
import { Learner } from './learner.ts'
import type { LineUp } from './line-up.ts'
import type { News } from './news.ts'
import { Passage } from './passage.ts'
import type { Plans } from './plans.ts'
import type { Strategy } from './strategies/strategy.ts'
import { TargetRecord } from './target-record.ts'

export interface BalancerOptions {
  /** Of the plugin instance. */
  id: string
  clock: RouteClock
  plans: Plans
  /** Milliseconds until what was measured counts for a third. */
  decay: number
  /** Who says which targets are out; if nobody does, their failures are counted here. */
  health?: Health | undefined
  avoidFailing: boolean
  /** Takes what other processes should know. */
  tell: (record: TargetRecord, news: News) => void
}

export class Balancer {
  readonly #options: BalancerOptions
  readonly #key = exchangeKey<Passage>('route-balance/passage')
  readonly #records: TargetTable<TargetRecord>
  readonly #learner: Learner
  readonly #field = new Field()

  constructor(options: BalancerOptions) {
    this.#options = options
    this.#records = new TargetTable((target) => new TargetRecord(target, options.decay))
    this.#learner = new Learner(options.clock, options.tell)
  }

  /** The targets that may serve, the best first. @throws GatewayError if there is none */
  beforeRoute(targets: readonly Target[], exchange: Exchange): readonly Target[] {
    const now = this.#options.clock.now()
    const plan = this.#options.plans.of(routedModel(exchange))
    const named = exchange.get(STRATEGY)
    const strategy = named === undefined ? plan.strategy : plan.named(named)
    const passage = new Passage(exchange, plan, strategy)
    exchange.set(this.#key, passage)
    // What others bring in is judged all the same.
    if (targets.length === 0) return targets
    const explanation = why(exchange)
    this.#fill(targets, passage, explanation, now)
    const field = this.#field
    if (field.size > 1 || explanation) {
      strategy.rank(field, passage, now)
      field.sort()
    }
    const ordered = field.targets(targets)
    passage.targets = ordered
    if (explanation) this.#explain(explanation, strategy, ordered)
    return ordered
  }

  /** Puts those into the field that may serve. */
  #fill(targets: readonly Target[], passage: Passage, explanation: Explanation | undefined, now: number): void {
    const { id } = this.#options
    const field = this.#field
    const lineUp = passage.plan.lineUp(targets, this.#records, now)
    const filter = new Filter(passage, this.#only(lineUp, passage))
    let excluded: Excluded[] | undefined
    field.clear()
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i]!
      const record = lineUp.records[i]!
      const exclusion = filter.exclusion(target, record, lineUp.unmet[i], now)
      if (exclusion) {
        ;(excluded ??= []).push({ target, ...exclusion })
        explanation?.excluded(target, id, exclusion.reason)
        continue
      }
      const setback = this.#setback(target, record, filter, now)
      field.add(target, record, setback !== undefined)
      if (setback !== undefined) explanation?.note(id, `${record.name} comes last: ${setback}.`)
    }
    if (field.size === 0) throw refusal(excluded!, passage)
  }

  /** Of a strategy that has a request keep to one target: one that rules allow. */
  #only({ targets, records, unmet }: LineUp, { strategy, exchange, policy }: Passage): Target | undefined {
    if (!strategy.only) return undefined
    const field = this.#field
    field.clear()
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i]!
      const isBarred = target.weight === 0 || (unmet[i] ?? policy?.(target)) !== undefined
      if (!isBarred) field.add(target, records[i]!, false)
    }
    return strategy.only(field, exchange)
  }

  /** Why others are preferred, however good it is; undefined if none are. */
  #setback(target: Target, record: TargetRecord, filter: Filter, now: number): string | undefined {
    const { health, avoidFailing } = this.#options
    if (target.weight === 0) return 'it is drained'
    if (filter.fit(target) === 'tight') return 'the request may not fit into its context window'
    if (health) {
      const state = health.state(target)
      return state.open ? (state.reason ?? 'its circuit is open') : undefined
    }
    if (avoidFailing && record.failures.avoided(now) > 0) return 'it has failed time after time'
    return undefined
  }

  #explain(explanation: Explanation, { unit }: Strategy, ordered: readonly Target[]): void {
    const { id } = this.#options
    for (const { target, score } of this.#field.candidates) explanation.scored(target, id, score, unit)
    explanation.ordered(id, ordered)
  }

  /** @throws GatewayError if rules forbid a target that another plugin brought in */
  beforeAttempt(attempt: Attempt, exchange: Exchange): void {
    const passage = exchange.get(this.#key)
    // One beside another may have been given up while earlier handlers were asked.
    if (!passage || attempt.error) return
    const { target } = attempt
    const reason = passage.bars(target)
    if (reason !== undefined) throw noTarget(exchange, [{ target, reason }])
    const record = this.#records.get(target, this.#options.clock.now())
    this.#learner.begin(attempt, passage, record, target.tokens !== undefined)
  }

  onResponse(exchange: Exchange): void {
    const passage = exchange.get(this.#key)
    if (passage) this.#learner.head(passage)
  }

  afterAttempt(attempt: Attempt, exchange: Exchange): void {
    const passage = exchange.get(this.#key)
    if (passage) this.#learner.end(attempt, passage)
  }

  onComplete(exchange: Exchange): void {
    const passage = exchange.get(this.#key)
    if (passage) this.#learner.settle(passage)
  }

  /** What another process told of a target. */
  heard(target: Target, news: News, peer: string): void {
    const now = this.#options.clock.now()
    const record = this.#records.get(target, now)
    record.inFlight.heard(peer, news.busy, now)
    record.learn(news, now)
  }

  figures(target: Target): TargetFigures {
    const now = this.#options.clock.now()
    return (this.#records.peek(target) ?? new TargetRecord(target, this.#options.decay)).figures(now)
  }
}
