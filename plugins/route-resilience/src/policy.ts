/** Policies as they are used: durations in milliseconds, nothing left open. */
import { DEFAULT_TIMEOUTS, milliseconds } from '@sluice/core'
import type { Timeouts } from '@sluice/core'
import { AGAIN } from './fault.ts'
import type { AgainFault } from './fault.ts'
import type { Policy } from './options.ts'

/** Milliseconds that a wait may take in any case, and the part of a hook's time. */
const LONGEST_WAIT = 25_000
const PART = 0.8

export interface CompiledPolicy {
  maxAttempts: number
  /** Milliseconds from the first call in which calls may begin; `isHard` if they must have ended by then. */
  deadline: number
  isHard: boolean
  maxRetries: number
  retriesOf: { readonly [F in AgainFault]: number }
  /** Milliseconds. */
  backoff: { base: number; longest: number }
  longestRetryAfter: number
  longestWait: number
  fallbacks: readonly string[]
  special: { readonly contextWindow: readonly string[]; readonly contentPolicy: readonly string[] }
  budgetFallbacks: readonly string[]
  hasFallbacks: boolean
  timeouts: Partial<Timeouts> | undefined
  slowStream: { tokensPerSecond: number; span: number } | undefined
  /** Milliseconds. */
  hedge: { after: number | 'p95' } | undefined
}

/**
 * @param own what is set for the model; it wins, of retries and time limits field by field
 * @param hookTimeout milliseconds that a hook may take
 */
export function compilePolicy(common: Policy, own: Policy, hookTimeout = Infinity): CompiledPolicy {
  const all: Policy = { ...common, ...own }
  const retries = { ...common.retries, ...own.retries }
  const timeouts = { ...common.timeouts, ...own.timeouts }
  const { max = 5, base = '200ms', longest = '5s', retryAfter = '10s' } = retries
  const { slowStream, hedge, fallbacks = [], budgetFallbacks = [] } = all
  const { contextWindowFallbacks: contextWindow = [], contentPolicyFallbacks: contentPolicy = [] } = all
  const after = hedge?.after
  const longestWait = Math.min(LONGEST_WAIT, hookTimeout * PART)
  return {
    maxAttempts: all.maxAttempts ?? 8,
    deadline: all.deadline === undefined ? DEFAULT_TIMEOUTS.total : milliseconds(all.deadline),
    isHard: all.deadline !== undefined,
    maxRetries: max,
    retriesOf: Object.fromEntries(AGAIN.map((fault) => [fault, retries[fault] ?? max])) as {
      [F in AgainFault]: number
    },
    backoff: { base: milliseconds(base), longest: milliseconds(longest) },
    longestRetryAfter: Math.min(milliseconds(retryAfter), longestWait),
    longestWait,
    fallbacks,
    special: { contextWindow, contentPolicy },
    budgetFallbacks,
    hasFallbacks: [fallbacks, budgetFallbacks, contextWindow, contentPolicy].some((models) => models.length > 0),
    timeouts: Object.keys(timeouts).length > 0 ? inMilliseconds(timeouts) : undefined,
    slowStream: slowStream && {
      tokensPerSecond: slowStream.tokensPerSecond,
      span: milliseconds(slowStream.for ?? '10s'),
    },
    hedge: after === undefined ? undefined : { after: after === 'p95' ? after : milliseconds(after) },
  }
}

function inMilliseconds(limits: { readonly [name: string]: string | number }): Partial<Timeouts> {
  return Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, milliseconds(limit)]))
}

/** The policies of all models. */
export class Policies {
  /** Of all that have none of their own. */
  common: CompiledPolicy
  /** Of models that have one of their own. */
  readonly #own = new Map<string, CompiledPolicy>()

  constructor(common: CompiledPolicy) {
    this.common = common
  }

  set(model: string, policy: CompiledPolicy): void {
    this.#own.set(model, policy)
  }

  of(model: string): CompiledPolicy {
    return this.#own.get(model) ?? this.common
  }
}
