/** Sums of which means are made: of money, of scores. */

/** How many values, their sum, and that of their squares. */
export type Moments = { n: number; sum: number; squares: number }

export const noMoments = (): Moments => ({ n: 0, sum: 0, squares: 0 })

export function addValue(moments: Moments, value: number): void {
  moments.n += 1
  moments.sum += value
  moments.squares += value * value
}

/** `later` takes the place of `earlier`. */
export function replaceValue(moments: Moments, earlier: number, later: number): void {
  moments.sum += later - earlier
  moments.squares += later * later - earlier * earlier
}

export function mergeMoments(moments: Moments, { n, sum, squares }: Moments): void {
  moments.n += n
  moments.sum += sum
  moments.squares += squares
}

export function meanOf({ n, sum }: Moments): number | undefined {
  return n > 0 ? sum / n : undefined
}

/** Values that hardly differ are taken to differ by this part of their mean: sums of squares know no better. */
const LEAST_SPREAD = 1e-4

function varianceOf({ n, sum, squares }: Moments): number {
  const mean = sum / n
  const floor = (LEAST_SPREAD * mean) ** 2
  return n < 2 ? Infinity : Math.max(floor, (squares - n * mean * mean) / (n - 1))
}

/** The bound is tightest at several times as many values as this. */
const SCALE = 60

/**
 * By how much, at least, the mean of `values` exceeds `factor` times that of `others`, judged anew after every value:
 * the chance that it is ever less is `alpha` at most. It is the mixture sequential probability ratio test (Johari et
 * al. 2022) of a difference of means with estimated variances, so it holds for some dozens of values and more.
 */
export function excessAtLeast(values: Moments, others: Moments, factor: number, alpha: number): number {
  const excess = values.sum / values.n - (factor * others.sum) / others.n
  // The smaller of two samples of a skewed distribution is apt to have seen too little of it: the larger variance holds.
  const variance = Math.max(varianceOf(values), varianceOf(others)) * (1 / values.n + (factor * factor) / others.n)
  const size = 1 / (1 / values.n + 1 / others.n)
  const spread = variance * (1 + SCALE / size) * (Math.log1p(size / SCALE) - 2 * Math.log(alpha))
  return excess - Math.sqrt(spread)
}
