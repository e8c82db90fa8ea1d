/**
 * How long things took, as counts of a few hundred spans that grow by a twelfth each: small, exact to merge, and
 * untroubled by single values that are far off.
 */
import { isRuledOut } from './bernoulli.ts'

/** Span → how many fell into it. Span `b` ends at 2^(b/8) milliseconds. */
export type Sketch = { [span: number]: number }

const SPANS_PER_DOUBLING = 8
/** About nine hours. */
const LAST = 200

export function addTo(sketch: Sketch, ms: number): void {
  const span = ms <= 1 ? 0 : Math.min(LAST, Math.ceil(Math.log2(ms) * SPANS_PER_DOUBLING))
  sketch[span] = (sketch[span] ?? 0) + 1
}

export function mergeInto(sketch: Sketch, other: Sketch): void {
  for (const span in other) sketch[span] = (sketch[span] ?? 0) + other[span]!
}

export function sizeOf(sketch: Sketch): number {
  let size = 0
  for (const span in sketch) size += sketch[span]!
  return size
}

/** Milliseconds below which the part `quantile` lies, to the end of its span; undefined of nothing. */
export function quantileOf(sketch: Sketch, quantile: number): number | undefined {
  const wanted = quantile * sizeOf(sketch)
  let seen = 0
  for (const span of spansOf(sketch)) {
    seen += sketch[span]!
    if (seen >= wanted) return endOf(span)
  }
  return undefined
}

/**
 * Between what the true quantile lies, in milliseconds, judged anew after every value: the chance that it is ever
 * outside is `alpha` at most, whatever the distribution. That as many values are below a moment as are below the
 * quantile is a share like any other, so that one bound on a share settles each end.
 */
export function quantileBetween(sketch: Sketch, quantile: number, alpha: number): [least: number, most: number] {
  const size = sizeOf(sketch)
  let least = 0
  let below = 0
  for (const span of spansOf(sketch)) {
    // Nothing lies between this span and the one before it.
    if (below < quantile * size && isRuledOut(below, size, quantile, alpha)) least = endOf(span - 1)
    below += sketch[span]!
    if (below > quantile * size && isRuledOut(below, size, quantile, alpha)) return [least, endOf(span)]
  }
  return [least, Infinity]
}

/** In their order: integer names of an object have it by themselves. */
function spansOf(sketch: Sketch): number[] {
  return Object.keys(sketch).map(Number)
}

function endOf(span: number): number {
  return 2 ** (span / SPANS_PER_DOUBLING)
}
