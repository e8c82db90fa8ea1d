/** The plugin's deciders without a gateway, for simulations. */
import type { Attempt, Target } from '@sluice/core'
import type { RouteClock } from '@sluice/route-kit'
import type { SimulatedRouter } from '@sluice/route-kit/testing'
import { Guide } from '../../src/alternatives.ts'
import { Departure } from '../../src/departure.ts'
import { TargetsHealth } from '../../src/health.ts'
import type { Options } from '../../src/options.ts'
import { compilePolicy, Policies } from '../../src/policy.ts'
import { Recovery } from '../../src/recovery.ts'
import { breakerOf, budgetOf } from '../../src/settings.ts'

export interface RouterGiven {
  options?: Options
  /** Of models, for fallbacks. */
  models?: { readonly [name: string]: readonly Target[] }
  clock: RouteClock
  /** Told of every call. */
  onCall?: (attempt: Attempt, isAgain: boolean) => void
}

export function routerOf({ options = {}, models = {}, clock, onCall }: RouterGiven): {
  router: SimulatedRouter
  health: TargetsHealth
} {
  const policies = new Policies(compilePolicy(options, {}))
  const health = new TargetsHealth({
    breaker: breakerOf(options.breaker),
    budget: budgetOf(options.retryBudget),
    clock,
  })
  const guide = new Guide({ policies, findTargets: (name) => models[name], wishesOf: () => [] })
  const recovery = new Recovery({ id: 'route-resilience', policies, guide, health, clock })
  const departure = new Departure(policies, health, clock)
  const router: SimulatedRouter = {
    beforeRoute: (targets, exchange) => recovery.route(targets, exchange),
    beforeAttempt(attempt, exchange) {
      departure.prepare(attempt, exchange)
      onCall?.(
        attempt,
        exchange.attempts.some((each) => each !== attempt && each.target === attempt.target),
      )
    },
    onAttemptError(attempt, exchange) {
      health.ended(attempt)
      return recovery.next(attempt, exchange)
    },
    afterAttempt: (attempt) => health.ended(attempt),
    onResponse: ({ attempts, stream }) => health.began(attempts.at(-1)!, stream),
  }
  return { router, health }
}
