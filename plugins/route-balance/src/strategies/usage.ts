import type { Candidate, Field } from '../field.ts'
import type { Strategy } from './strategy.ts'
import { Weighted } from './weighted.ts'

/** The most room left under its own `requests` and `tokens` a minute. Who has no limit has room. */
export class Usage implements Strategy {
  readonly unit = 'part of its minute that is used'
  /** Among equals. */
  readonly #chance: Weighted

  constructor(random: () => number) {
    this.#chance = new Weighted(random)
  }

  rank(field: Field, _passage: unknown, now: number): void {
    this.#chance.rank(field)
    field.sort()
    for (const candidate of field.candidates) candidate.score = usedPart(candidate, now)
  }
}

function usedPart({ target, record }: Candidate, now: number): number {
  const { requests = Infinity, tokens = Infinity } = target
  return Math.max(record.requests.used(now) / requests, record.tokens.used(now) / tokens)
}
