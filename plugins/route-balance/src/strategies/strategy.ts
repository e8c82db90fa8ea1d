import type { Exchange, Target } from '@sluice/core'
import type { RouteClock } from '@sluice/route-kit'
import type { Prices } from '@sluice/usage-kit'
import type { Field } from '../field.ts'
import type { Passage } from '../passage.ts'

/** Orders the candidates of an exchange. One instance serves one model, so that it may remember. */
export interface Strategy {
  /** What a score is, in words. */
  readonly unit: string
  /** Gives each candidate its score: the lowest is called first. Quick, and never waits. */
  rank(field: Field, passage: Passage, now: number): void
  /** The only one of the field that may serve the exchange, be it out or not; undefined if any may. */
  only?(field: Field, exchange: Exchange): Target | undefined
}

/** What strategies are made of. */
export interface Tools {
  clock: RouteClock
  prices: Prices | undefined
  /** Part of the requests that try a target that was not tried lately. */
  exploration: number
}
