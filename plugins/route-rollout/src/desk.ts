/** What is done with each exchange of a model that has a rollout. */
import { exchangeKey } from '@sluice/core'
import type { Attempt, Exchange, Reply, Target } from '@sluice/core'
import { routedModel, why } from '@sluice/route-kit'
import { VARIANT } from '@sluice/usage-kit'
import type { Book } from './book.ts'
import { addSample } from './counts.ts'
import type { Exposures } from './exposures.ts'
import type { Assignment } from './live.ts'
import { isOpen } from './pilot.ts'
import type { Rollouts } from './rollouts.ts'
import { sampleOf } from './sample.ts'

const ASSIGNED = exchangeKey<Assignment>('route-rollout/assigned')

export class Desk {
  readonly #id: string
  readonly #rollouts: Rollouts
  readonly #book: Book
  readonly #exposures: Exposures

  /** @param id of the plugin instance, for explanations */
  constructor(id: string, rollouts: Rollouts, book: Book, exposures: Exposures) {
    this.#id = id
    this.#rollouts = rollouts
    this.#book = book
    this.#exposures = exposures
  }

  /** Adds the targets of all arms, so that budgets and rules have their say about them. */
  widen(exchange: Exchange): void {
    const live = this.#rollouts.ofModel(routedModel(exchange))
    if (live) exchange.targets = live.widen(exchange.targets)
  }

  /** Puts the targets of the exchange's arm first. An arm that has none of them here does not take part. */
  order(targets: readonly Target[], exchange: Exchange): readonly Target[] | undefined {
    const live = this.#rollouts.ofModel(routedModel(exchange))
    if (!live || exchange.get(VARIANT)) return undefined
    const { plan } = live
    const assignment = live.assign(exchange)
    const { name } = plan.arms[assignment.arm]!
    const ordered = live.order(targets, assignment.arm)
    const explanation = why(exchange)
    if (!ordered) {
      explanation?.note(this.#id, `rollout "${plan.name}": "${name}" has no target here`)
      return live.order(targets, 0)
    }
    const by = assignment.unit === undefined ? 'by chance' : `by ${plan.by}`
    explanation?.note(this.#id, `rollout "${plan.name}" (${live.state.status}): "${name}" ${by}`)
    explanation?.ordered(this.#id, ordered)
    exchange.set(VARIANT, { rollout: plan.name, variant: name })
    if (isOpen(live)) exchange.set(ASSIGNED, assignment)
    return ordered
  }

  /** The exchange is about to meet a target: if that is of its arm, it is written down which one it was. */
  expose({ target }: Attempt, exchange: Exchange): void {
    const assignment = exchange.get(ASSIGNED)
    if (!assignment || assignment.isNoted || assignment.live.armOf(target) !== assignment.arm) return
    assignment.isNoted = true
    this.#exposures.note(exchange, assignment)
  }

  mark({ headers }: Reply, exchange: Exchange): void {
    const assigned = exchange.get(VARIANT)
    if (assigned) headers['x-sluice-variant'] = assigned.variant
  }

  count(exchange: Exchange): void {
    const assignment = exchange.get(ASSIGNED)
    const sample = assignment && sampleOf(exchange, assignment)
    if (sample) addSample(this.#book.open(assignment.live.plan, assignment.epoch, assignment.arm), sample)
  }
}
