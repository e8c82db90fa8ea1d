/** Time and chance, as deciders see them: tests bring their own. */
export interface RouteClock {
  /** Milliseconds on a clock that never goes back, the one of attempts. */
  now(): number
  /** From 0 up to, but not, 1. */
  random(): number
}

/** `performance.now()`, which follows no change of the wall clock, and `Math.random()`. */
export const SYSTEM_CLOCK: RouteClock = { now: () => performance.now(), random: Math.random }
