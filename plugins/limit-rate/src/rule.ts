/** A rule as it is written → what is asked at each request. */
import { invalidRequest, milliseconds } from '@sluice/core'
import { compileMatch, compilePer, PRIORITIES } from '@sluice/limit-kit'
import type { Counted, Matcher, Priority } from '@sluice/limit-kit'
import { countsOf } from './count.ts'
import type { Count, Queue, Shares } from './count.ts'
import type { LimitRule } from './options.ts'

export interface CompiledRule {
  matches: Matcher
  counted: Counted
  /** Counts requests by provider, at each attempt. */
  perAttempt: boolean
  /** What is claimed when the request is authorized, when it is admitted. */
  requests: readonly Count[]
  spending: readonly Count[]
  priority: Priority | undefined
}

/** A hook may take 30 s. */
const LONGEST_WAIT = 25_000
const SATURATION = 0.8

/** @param prefix of its counters, unique @throws GatewayError `invalid_request` that says what does not go together */
export function compileRule(rule: LimitRule, prefix: string): CompiledRule {
  const { name, per = ['global'], match, priority } = rule
  const perAttempt = per.includes('provider')
  const queue = queueOf(rule)
  if (queue && perAttempt) {
    throw invalidRequest(
      `The rule "${name}" counts by provider: the next target is tried then, and nobody waits. Leave out "queue".`,
      'queue',
    )
  }
  const counts = countsOf(rule, prefix, { name, perAttempt, queue, shares: sharesOf(rule) })
  if (counts.length === 0 && priority === undefined)
    throw invalidRequest(`The rule "${name}" counts nothing. Give it "requests", "tokens" or "concurrency".`)
  const matches = compileMatch(match)
  return {
    // Operators are not locked out by limits that are meant for models.
    matches: match?.operations ? matches : (exchange) => exchange.operation !== 'operator' && matches(exchange),
    counted: compilePer(per),
    perAttempt,
    requests: counts.filter(({ unit }) => unit === 'requests'),
    spending: counts.filter(({ unit }) => unit !== 'requests'),
    priority,
  }
}

function queueOf({ name, queue }: LimitRule): Queue | undefined {
  if (!queue) return undefined
  const timeout = milliseconds(queue.timeout)
  if (timeout > LONGEST_WAIT)
    throw invalidRequest(
      `The rule "${name}" lets requests wait for ${String(queue.timeout)}: 25s is the most.`,
      'queue.timeout',
    )
  return { max: queue.max, timeout }
}

function sharesOf({ name, shares, saturation = SATURATION }: LimitRule): Shares | undefined {
  if (!shares) return undefined
  const of = { high: shares.high ?? 0, normal: shares.normal ?? 0, low: shares.low ?? 0 }
  const sum = PRIORITIES.reduce((total, priority) => total + of[priority], 0)
  // A rounding of binary fractions is no mistake.
  if (sum > 1 + 1e-9) throw invalidRequest(`The shares of the rule "${name}" come to ${sum}: 1 is the whole.`, 'shares')
  return { of, saturation }
}
