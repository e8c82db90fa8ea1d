import { capability } from '@sluice/core'
import type { Target } from '@sluice/core'

/** How a target does, lately: averages that fade with time. What nobody has measured is undefined. */
export interface TargetFigures {
  /** Attempts under way in all processes, as far as is known. */
  readonly inFlight: number
  /** Milliseconds until the first byte of a stream. */
  readonly ttftMs: number | undefined
  /** Milliseconds until the end of an answer that is no stream. */
  readonly totalMs: number | undefined
  /** Tokens of output a second. */
  readonly tokensPerSecond: number | undefined
  /** Of the attempts that the target is to blame for: 0 to 1. */
  readonly errorRate: number
  /** Attempts that were measured, in this process. */
  readonly samples: number
}

/** Who measures targets. */
export interface TargetStats {
  of(target: Target): TargetFigures
}

/** Named by plugins in `requires` or `uses`. */
export const TargetStats = capability<TargetStats>('TargetStats', { plugins: ['route-balance'] })
