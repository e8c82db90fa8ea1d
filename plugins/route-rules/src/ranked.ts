import type { Target } from '@sluice/core'

/** Copies of targets by the priority that they have been given. */
const copies = new WeakMap<Target, Target[]>()

/**
 * Targets by their place, then by their score; lower is first, and whose score is not known comes last. Each gets its
 * rank as its priority, so that whoever balances behind this keeps the order.
 */
export function ranked(
  targets: readonly Target[],
  place: (target: Target) => number,
  score: (target: Target) => number | undefined,
): readonly Target[] {
  return targets
    .map((target) => ({ target, place: place(target), score: score(target) ?? Infinity }))
    .sort((a, b) => a.place - b.place || compare(a.score, b.score))
    .map(({ target }, rank) => withPriority(target, rank))
}

/** Infinity less Infinity is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b
}

/** The same object each time: others may remember things of targets. */
function withPriority(target: Target, priority: number): Target {
  const known = copies.get(target) ?? []
  copies.set(target, known)
  return (known[priority] ??= { ...target, priority })
}
