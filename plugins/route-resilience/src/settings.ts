/** Options of the plugin as they are used: durations in milliseconds, nothing left open. */
import { milliseconds } from '@sluice/core'
import type { BreakerSettings } from './breaker.ts'
import type { LoadLimits } from './load-guard.ts'
import type { Options } from './options.ts'
import type { ProberSettings } from './prober.ts'
import type { BudgetSettings } from './retry-budget.ts'

export function breakerOf(breaker: Options['breaker'] = {}): BreakerSettings {
  const { consecutive = 10, errorRate = 0.5, minimum = 20, window = '30s', open = '5s', longest = '5m' } = breaker
  return {
    consecutive,
    errorRate,
    minimum,
    window: Math.max(10, milliseconds(window)),
    open: milliseconds(open),
    longest: milliseconds(longest),
  }
}

export function budgetOf({ ratio = 0.2, perMinute = 30 }: NonNullable<Options['retryBudget']> = {}): BudgetSettings {
  return { ratio, perMinute }
}

export function loadLimitsOf({ lag, inFlight, retryAfter = '1s' }: NonNullable<Options['shedding']>): LoadLimits {
  return {
    lag: lag === undefined ? Infinity : milliseconds(lag),
    inFlight: inFlight ?? Infinity,
    retryAfter: milliseconds(retryAfter) / 1000,
  }
}

export function probingOf(
  probes: NonNullable<Options['probes']>,
): Pick<ProberSettings, 'targets' | 'interval' | 'timeout'> {
  const { targets, interval = '30s', timeout = '10s' } = probes
  return { targets, interval: Math.max(1000, milliseconds(interval)), timeout: milliseconds(timeout) }
}
