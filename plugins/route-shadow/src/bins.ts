/**
 * Durations in bins that grow by 5 %, so that percentiles can be told from how many fell into each: off by 2.5 % at
 * most, and from one millisecond to an hour there are 310 bins (as in DDSketch, https://arxiv.org/abs/1908.10693).
 */
const GROWTH = 1.05
const LAST = 310

export function binOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(LAST, Math.ceil(Math.log(ms) / Math.log(GROWTH)))
}

/** How many fell into each bin. */
export type Bins = ReadonlyMap<number, number>

/** Milliseconds below which so many of them are. @param part 0 to 1 @returns null if there are none */
export function percentile(bins: Bins, part: number): number | null {
  let left = Math.max(1, Math.ceil(part * [...bins.values()].reduce((sum, count) => sum + count, 0)))
  for (const [bin, count] of [...bins].sort(([a], [b]) => a - b)) {
    left -= count
    if (left <= 0) return Math.round((2 * GROWTH ** bin) / (GROWTH + 1))
  }
  return null
}
