import { weightOf } from '../field.ts'
import type { Candidate, Field } from '../field.ts'
import type { TargetRecord } from '../target-record.ts'
import type { Strategy } from './strategy.ts'

/**
 * One after the other, those with a weight in proportion to it: each turn moves a target on by the inverse of its
 * weight, and the one that is least far comes next (stride scheduling). Who was out takes its place at the rear, so
 * that it is not flooded when it is back.
 */
export class RoundRobin implements Strategy {
  readonly unit = 'turns taken'
  readonly #taken = new WeakMap<TargetRecord, number>()
  /** How far the one was that came last. */
  #now = 0

  rank(field: Field): void {
    const { candidates } = field
    let first: Candidate | undefined
    for (let i = 0; i < candidates.length; i++) {
      const candidate = candidates[i]!
      candidate.score = Math.max(this.#now, this.#taken.get(candidate.record) ?? 0)
      if (field.leads(candidate) && (!first || candidate.score < first.score)) first = candidate
    }
    if (!first) return
    this.#now = first.score
    this.#taken.set(first.record, first.score + 1 / weightOf(first.target))
  }
}
