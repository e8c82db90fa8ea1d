/** What must not become worse, and how arms are compared in it. */
import { quantileOf, sizeOf } from '@sluice/route-kit'
import type { Histogram } from '@sluice/route-kit'
import { shareAtLeast, shareAtMost } from './bernoulli.ts'
import type { Counts } from './counts.ts'
import { excessAtLeast, meanOf, noMoments } from './moments.ts'
import type { Moments } from './moments.ts'
import type { Guardrails } from './options.ts'
import { quantileBetween } from './quantile-bounds.ts'

/** One arm's figure beside another's. */
export interface Comparison {
  /** How many each figure is of. */
  samples: number
  stableSamples: number
  value: number | undefined
  stable: number | undefined
  /** How much worse it looks: a difference or a ratio, as the limit is. */
  worse: number
  /** How much worse it is at least, however often one looks. */
  surely: number
}

export interface Guard {
  metric: string
  /** Of `worse`. */
  limit: number
  /** `alpha`: the chance that `surely` is ever too high. */
  compare(counts: Counts, stable: Counts, alpha: number): Comparison
}

export function guardsOf({ errorRate, latency, ttft, cost, feedback }: Guardrails): Guard[] {
  const guards: Guard[] = []
  if (errorRate) guards.push({ metric: 'error rate', limit: errorRate.max, compare: compareErrors })
  if (latency) guards.push(quantileGuard('latency', latency, (counts) => counts.latency))
  if (ttft) guards.push(quantileGuard('time to first token', ttft, (counts) => counts.ttft))
  if (cost) guards.push({ metric: 'cost', limit: cost.maxRatio, compare: costComparison(cost.maxRatio) })
  if (feedback) {
    const { name = 'default', maxDrop } = feedback
    guards.push({ metric: `feedback "${name}"`, limit: maxDrop, compare: scoreComparison(name) })
  }
  return guards
}

/** Each of two bounds has half of the chance to be wrong. */
function compareErrors(counts: Counts, stable: Counts, alpha: number): Comparison {
  const [value, other] = [counts.errors / counts.requests, stable.errors / stable.requests]
  const least = shareAtLeast(counts.errors, counts.requests, alpha / 2)
  const most = shareAtMost(stable.errors, stable.requests, alpha / 2)
  const sizes = { samples: counts.requests, stableSamples: stable.requests }
  return { ...sizes, value, stable: other, worse: value - other, surely: least - most }
}

function quantileGuard(
  metric: string,
  { maxRatio, quantile = 0.95 }: { maxRatio: number; quantile?: number },
  durationsOf: (counts: Counts) => Histogram,
): Guard {
  const compare = (counts: Counts, stable: Counts, alpha: number): Comparison => {
    const [own, other] = [durationsOf(counts), durationsOf(stable)]
    const [value, usual] = [quantileOf(own, quantile), quantileOf(other, quantile)]
    const [least] = quantileBetween(own, quantile, alpha / 2)
    const [, most] = quantileBetween(other, quantile, alpha / 2)
    return {
      samples: sizeOf(own),
      stableSamples: sizeOf(other),
      value,
      stable: usual,
      worse: (value ?? NaN) / (usual ?? NaN),
      surely: least / most,
    }
  }
  return { metric: `p${quantile * 100} of ${metric}`, limit: maxRatio, compare }
}

/** Means are compared with the limit itself, so that the ratio of two uncertain numbers need not be known. */
const costComparison =
  (maxRatio: number) =>
  ({ cost }: Counts, { cost: other }: Counts, alpha: number): Comparison => {
    const [value, stable] = [meanOf(cost), meanOf(other)]
    const beyond = excessAtLeast(cost, other, maxRatio, alpha)
    return {
      samples: cost.n,
      stableSamples: other.n,
      value,
      stable,
      worse: ratio(value, stable),
      surely: maxRatio + ratio(beyond, stable),
    }
  }

/** What costs anything where the other costs nothing is dearer beyond measure. */
function ratio(value: number | undefined, stable: number | undefined): number {
  if (value === undefined || stable === undefined) return NaN
  return value === 0 ? 0 : value / stable
}

/** Scores that drop are worse: the stable arm's excess is what the other lacks. */
const scoreComparison =
  (name: string) =>
  (counts: Counts, stable: Counts, alpha: number): Comparison => {
    const [scores, others] = [scoresIn(counts, name), scoresIn(stable, name)]
    const [value, usual] = [meanOf(scores), meanOf(others)]
    return {
      samples: scores.n,
      stableSamples: others.n,
      value,
      stable: usual,
      worse: (usual ?? NaN) - (value ?? NaN),
      surely: excessAtLeast(others, scores, 1, alpha),
    }
  }

const scoresIn = ({ feedback }: Counts, name: string): Moments =>
  Object.hasOwn(feedback, name) ? feedback[name]! : noMoments()
