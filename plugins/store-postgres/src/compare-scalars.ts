import type { Scalar } from '@sluice/store-kit'

const RANKS = ['object', 'boolean', 'number', 'string']

/** Null first, then booleans, numbers, strings. */
export function compareScalars(a: Scalar, b: Scalar): number {
  if (a === b) return 0
  const rank = RANKS.indexOf(typeof a) - RANKS.indexOf(typeof b)
  return rank === 0 ? (a! < b! ? -1 : 1) : rank
}
