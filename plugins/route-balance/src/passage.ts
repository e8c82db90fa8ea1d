import type { Attempt, Exchange, Target } from '@sluice/core'
import { estimateTokens } from '@sluice/usage-kit'
import type { Estimate } from '@sluice/usage-kit'
import { policyOf } from './filters/requirement.ts'
import type { Requirement } from './filters/requirement.ts'
import type { Plan } from './plan.ts'
import type { Strategy } from './strategies/strategy.ts'
import type { TargetRecord } from './target-record.ts'

/** Tokens of output that are expected while nobody has seen any. */
const USUAL_OUTPUT = 500

/** An attempt, and what is known of its target. */
export interface Run {
  readonly attempt: Attempt
  readonly record: TargetRecord
  readonly beganAt: number
  /** Tokens counted for it until its usage is known. */
  readonly reserved: number
  /** Whether the first byte has come. */
  isHeaded: boolean
}

/** An exchange on its way from target to target. */
export class Passage {
  readonly exchange: Exchange
  readonly plan: Plan
  readonly strategy: Strategy
  /** What the caller's own metadata demand of targets. */
  readonly policy: Requirement | undefined
  /** As they were ordered. */
  targets: readonly Target[] = []
  /** Those under way: one, or two while a call is hedged. */
  readonly runs: Run[] = []
  /** The one whose answer began, when it is over. */
  answered: Run | undefined = undefined
  #estimate: Estimate | undefined = undefined

  /** @throws Error if the caller's metadata make no sense */
  constructor(exchange: Exchange, plan: Plan, strategy: Strategy) {
    this.exchange = exchange
    this.plan = plan
    this.strategy = strategy
    this.policy = policyOf(exchange.principal)
  }

  /** Why rules keep a target out that was not among those that were ordered; undefined if they do not. */
  bars(target: Target): string | undefined {
    if (this.targets.includes(target)) return undefined
    return this.plan.requirement?.(target) ?? this.policy?.(target)
  }

  /** That of an attempt under way; undefined of any other. */
  runOf(attempt: Attempt | undefined): Run | undefined {
    for (let i = 0; i < this.runs.length; i++) if (this.runs[i]!.attempt === attempt) return this.runs[i]
    return undefined
  }

  /** Made when somebody asks. @throws GatewayError `invalid_request` if the body has a wrong shape */
  get estimate(): Estimate {
    return (this.#estimate ??= estimateTokens(this.exchange))
  }

  /** Tokens that the answer will have, as answers of the model do on average. */
  get expectedOutput(): number {
    const { output, limited } = this.estimate
    const usual = this.plan.output.value ?? USUAL_OUTPUT
    return limited ? Math.min(output, usual) : usual
  }
}
