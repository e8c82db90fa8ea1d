import type { Candidate, Field } from '../field.ts'
import type { Passage } from '../passage.ts'
import type { TargetRecord } from '../target-record.ts'
import type { Strategy, Tools } from './strategy.ts'

/** Milliseconds after which a target may be tried for the sake of knowing how it does now. */
const STALE = 5_000
/** Lower than any price. */
const CHOSEN = -1

/** Milliseconds of a target: those measured, and 0 if none were, so that it is tried; `age`: those spent in vain so far. */
export type Measure = (record: TargetRecord, isStream: boolean, age: number) => number

/** Tokens that an answer is taken to have had by now, while nothing has come. */
const AWAITED = 500

/** Until the first byte of streams, until the end of other answers. */
export const latency: Measure = (record, isStream, age) => Math.max(record.latency(isStream) ?? 0, age)
/** For each token. */
export const slowness: Measure = ({ speed }, _isStream, age) =>
  Math.max(speed.value === undefined ? 0 : 1000 / speed.value, age / AWAITED)

/**
 * The better of two by chance, then the others from the best on. Always taking the best would send everybody to the
 * same target until its trouble shows; the worst of three or more is never taken. Who has many of the attempts under
 * way counts as up to twice as slow, and failures as time lost. A few requests go to who was not tried for longest.
 */
export class Measured implements Strategy {
  readonly unit: string
  readonly #measure: Measure
  readonly #random: () => number
  readonly #exploration: number

  constructor(unit: string, measure: Measure, { clock, exploration }: Tools) {
    this.unit = unit
    this.#measure = measure
    this.#random = () => clock.random()
    this.#exploration = exploration
  }

  rank(field: Field, { exchange }: Passage, now: number): void {
    const { candidates } = field
    let all = 0
    let leaders = 0
    for (let i = 0; i < candidates.length; i++) {
      all += candidates[i]!.record.inFlight.total(now)
      if (field.leads(candidates[i]!)) leaders++
    }
    for (let i = 0; i < candidates.length; i++) {
      const { record } = candidates[i]!
      const time = this.#measure(record, exchange.stream, record.inFlight.age(now))
      const success = 1 - 0.95 * record.failures.rate(now)
      const share = all === 0 ? 0 : record.inFlight.total(now) / all
      candidates[i]!.score = ((time + 1) * (1 + share)) / (success * success)
    }
    if (leaders > 1) this.#choose(field, leaders, now).score = CHOSEN
  }

  #choose(field: Field, leaders: number, now: number): Candidate {
    if (this.#random() < this.#exploration) {
      const unknown = longestUntried(field)
      if (Math.abs(now - unknown.record.triedAt) > STALE) return unknown
    }
    const one = Math.floor(this.#random() * leaders)
    const step = 1 + Math.floor(this.#random() * (leaders - 1))
    const a = leaderAt(field, one)
    const b = leaderAt(field, (one + step) % leaders)
    return a.score <= b.score ? a : b
  }
}

function leaderAt(field: Field, place: number): Candidate {
  let left = place
  return field.candidates.find((candidate) => field.leads(candidate) && left-- === 0)!
}

function longestUntried(field: Field): Candidate {
  return field.candidates.reduce((longest, candidate) => {
    if (!field.leads(longest)) return candidate
    return field.leads(candidate) && candidate.record.triedAt < longest.record.triedAt ? candidate : longest
  })
}
