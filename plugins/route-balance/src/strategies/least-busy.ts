import { weightOf } from '../field.ts'
import type { Field } from '../field.ts'
import type { Strategy } from './strategy.ts'

/**
 * The fewest attempts under way, for their weight; by chance among equals. What fails at once has little under way:
 * its rate of failures counts as a part of all that is.
 */
export class LeastBusy implements Strategy {
  readonly unit = 'attempts under way'
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  rank({ candidates }: Field, _passage: unknown, now: number): void {
    let all = 0
    for (let i = 0; i < candidates.length; i++) all += candidates[i]!.score = candidates[i]!.record.inFlight.total(now)
    for (let i = 0; i < candidates.length; i++) {
      const candidate = candidates[i]!
      const failing = candidate.record.failures.rate(now) * (all + 1)
      candidate.score = (candidate.score + failing + this.#random()) / weightOf(candidate.target)
    }
  }
}
