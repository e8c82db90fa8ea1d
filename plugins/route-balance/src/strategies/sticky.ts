import type { Exchange, Target } from '@sluice/core'
import { hashPair } from '@sluice/route-kit'
import { weightOf } from '../field.ts'
import type { Candidate, Field } from '../field.ts'
import type { Passage } from '../passage.ts'
import type { StickyKey } from '../sticky-key.ts'
import type { Strategy } from './strategy.ts'
import { Weighted } from './weighted.ts'

/**
 * The same target for the same key, in every process: each target draws a time from the hash of both, with its weight
 * as the rate, and the earliest wins (weighted rendezvous). If a target goes, only its own keys move; all keys have a
 * second choice. A request without a key goes by chance.
 */
export class Sticky implements Strategy {
  readonly unit = 'time drawn by key and weight'
  protected readonly key: StickyKey
  readonly #chance: Weighted

  constructor(key: StickyKey, random: () => number) {
    this.key = key
    this.#chance = new Weighted(random)
  }

  rank(field: Field, { exchange }: Passage): void {
    const key = this.key(exchange)
    if (key === undefined) return this.#chance.rank(field)
    for (const candidate of field.candidates) {
      candidate.score = timeOf(key, candidate)
    }
  }
}

/** The same, and if that target is out, no other one will do. */
export class StrictlySticky extends Sticky {
  only(field: Field, exchange: Exchange): Target | undefined {
    const key = this.key(exchange)
    const leaders = field.candidates.filter((candidate) => field.leads(candidate))
    if (key === undefined || leaders.length === 0) return undefined
    const first = leaders.reduce((a, b) => (timeOf(key, b) < timeOf(key, a) ? b : a))
    return first.target
  }
}

function timeOf(key: number, { record, target }: Candidate): number {
  return -Math.log(hashPair(key, record.hash)) / weightOf(target)
}
