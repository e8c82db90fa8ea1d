import { exchangeKey } from '@sluice/core'
import type { Attempt, Exchange, Usage } from '@sluice/core'
import type { Cost, NanoUsd } from './cost.ts'

/** What the exchanges came to that another one consists of, so far. */
export interface Steps {
  readonly usage: Usage
  /** Null if nobody knows what one of them cost. */
  readonly nanoUsd: NanoUsd | null
}

const STEPS = exchangeKey<Map<Attempt, Steps>>('usage-kit/steps')

/**
 * Says that the exchange's present attempt consists of other exchanges: those are charged, each by itself, and it is
 * not. For providers in this process that answer with the help of models, at the beginning of their answer.
 */
export function consistsOf(exchange: Exchange, steps: Steps): void {
  const attempt = exchange.attempts.at(-1)
  const known = exchange.get(STEPS) ?? new Map<Attempt, Steps>()
  if (attempt) exchange.set(STEPS, known.set(attempt, steps))
}

/** Undefined unless the exchange, as its last attempt has left it, consists of others. */
export function stepsOf(exchange: Exchange): Steps | undefined {
  const known = exchange.get(STEPS)
  const attempt = exchange.attempts.at(-1)
  return known && attempt && known.get(attempt)
}

/** Of what consists of steps. */
export const BY_STEPS: Cost = Object.freeze({ nanoUsd: 0, source: 'steps', rates: Object.freeze({}) })
