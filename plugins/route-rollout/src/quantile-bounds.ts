import { binsOf, endOfBin, sizeOf } from '@sluice/route-kit'
import type { Histogram } from '@sluice/route-kit'
import { isRuledOut } from './bernoulli.ts'

/**
 * Between what the true quantile lies, in milliseconds, judged anew after every value: the chance that it is ever
 * outside is `alpha` at most, whatever the distribution. That as many values are below a moment as are below the
 * quantile is a share like any other, so that one bound on a share settles each end.
 */
export function quantileBetween(histogram: Histogram, quantile: number, alpha: number): [least: number, most: number] {
  const size = sizeOf(histogram)
  let least = 0
  let below = 0
  for (const [bin, count] of binsOf(histogram)) {
    // Nothing lies between this bin and the one before it.
    if (below < quantile * size && isRuledOut(below, size, quantile, alpha)) least = endOfBin(bin - 1)
    below += count
    if (below > quantile * size && isRuledOut(below, size, quantile, alpha)) return [least, endOfBin(bin)]
  }
  return [least, Infinity]
}
