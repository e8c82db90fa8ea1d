import { weightOf } from '../field.ts'
import type { Field } from '../field.ts'
import type { Strategy } from './strategy.ts'

/**
 * By chance, in proportion to the weights (1 if absent): the first, the second of those that are left, and so on.
 * Each draws an exponential time with its weight as the rate; who is earliest comes first (Efraimidis and Spirakis).
 */
export class Weighted implements Strategy {
  readonly unit = 'time drawn by weight'
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  rank({ candidates }: Field): void {
    for (let i = 0; i < candidates.length; i++) {
      const candidate = candidates[i]!
      candidate.score = -Math.log(1 - this.#random()) / weightOf(candidate.target)
    }
  }
}
