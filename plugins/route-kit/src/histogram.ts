/**
 * How long things took, as counts of bins that grow by 5 %: small, exact to merge, and untroubled by single values
 * that are far off. These are the bins of DDSketch (Masson, Rim, Lee 2019, https://arxiv.org/abs/1908.10693), with
 * bounds that are fixed: from a millisecond to a day there are 376. What took less or longer falls into the first or
 * the last; between them a quantile is off by 2.5 % at most.
 */

/** Bin → how many fell into it. Bin `b` ends at 1.05^b milliseconds. Plain data, as they may be stored and sent. */
export type Histogram = { [bin: number]: number }

const GROWTH = 1.05
const LAST = 375

/** The bin that a duration in milliseconds falls into: 0 to 375. */
export function binOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(LAST, Math.ceil(Math.log(ms) / Math.log(GROWTH)))
}

/** Milliseconds. Nothing in the bin took longer, unless it is the last one. */
export function endOfBin(bin: number): number {
  return GROWTH ** bin
}

/** In their order, each with how many fell into it: integer names of an object have that order by themselves. */
export function binsOf(histogram: Histogram): [bin: number, count: number][] {
  return Object.entries(histogram).map(([bin, count]) => [Number(bin), count])
}

export function addDuration(histogram: Histogram, ms: number): void {
  const bin = binOf(ms)
  histogram[bin] = (histogram[bin] ?? 0) + 1
}

/** Adds what `other` has counted. */
export function mergeHistogram(histogram: Histogram, other: Histogram): void {
  for (const bin in other) histogram[bin] = (histogram[bin] ?? 0) + other[bin]!
}

/** How many durations were counted in all. */
export function sizeOf(histogram: Histogram): number {
  let size = 0
  for (const bin in histogram) size += histogram[bin]!
  return size
}

/**
 * Milliseconds below which the part `quantile` (0 to 1) of the durations lies, undefined of none: that point of its bin
 * from which both ends are the same part of themselves away.
 */
export function quantileOf(histogram: Histogram, quantile: number): number | undefined {
  const wanted = quantile * sizeOf(histogram)
  let seen = 0
  for (const [bin, count] of binsOf(histogram)) {
    seen += count
    if (seen >= wanted) return (2 * endOfBin(bin)) / (GROWTH + 1)
  }
  return undefined
}
