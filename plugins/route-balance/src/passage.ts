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

/** An exchange on its way from target to target. */
export class Passage {
  readonly exchange: Exchange
  readonly plan: Plan
  readonly strategy: Strategy
  /** What the caller's own metadata demand of targets. */
  readonly policy: Requirement | undefined
  /** As they were ordered. */
  targets: readonly Target[] = []
  /** The attempt under way, or undefined. */
  attempt: Attempt | undefined = undefined
  /** What is known of its target; afterwards of the one that answered. */
  record: TargetRecord | undefined = undefined
  beganAt = 0
  /** Whether the first byte has come. */
  isHeaded = false
  /** Tokens counted for it until its usage is known. */
  reserved = 0
  /** Milliseconds of the last attempt. */
  took = 0
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

  begin(attempt: Attempt, record: TargetRecord, now: number, tokens: number): void {
    this.attempt = attempt
    this.record = record
    this.beganAt = now
    this.isHeaded = false
    this.reserved = tokens
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
