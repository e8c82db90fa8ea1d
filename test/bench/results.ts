/** The samples of a run, and the only ways to read them: medians, and medians of ratios within a round. */
import type { Sample } from './measure.ts'

/** One figure of one sample. */
export type Metric = (sample: Sample) => number

export const perSecond: Metric = ({ replies, seconds }) => replies / seconds
/** Microseconds of processor time per reply. */
export const cpuPerReply: Metric = ({ replies, cpuSeconds }) => (cpuSeconds / replies) * 1e6
/** Share of its core that the contender used. */
export const busy: Metric = ({ cpuSeconds, seconds }) => cpuSeconds / seconds
export const p50: Metric = ({ latency }) => latency.p50
export const p90: Metric = ({ latency }) => latency.p90
export const p99: Metric = ({ latency }) => latency.p99
export const firstByte: Metric = ({ firstByte: { p50: median } }) => median

/** A median and half the distance between its quartiles. */
export interface Estimate {
  value: number
  spread: number
}

export function estimate(values: readonly number[]): Estimate | undefined {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  if (sorted.length === 0) return undefined
  const at = (share: number) => {
    const place = (sorted.length - 1) * share
    const low = sorted[Math.floor(place)] as number
    return low + ((sorted[Math.ceil(place)] as number) - low) * (place % 1)
  }
  return { value: at(0.5), spread: (at(0.75) - at(0.25)) / 2 }
}

export class Results {
  /** By scenario, then contender; one sample per round. */
  readonly samples: { [scenario: string]: { [label: string]: Sample[] } } = {}

  add(scenario: string, label: string, sample: Sample): void {
    ;((this.samples[scenario] ??= {})[label] ??= []).push(sample)
  }

  of(scenario: string, label: string): Sample[] {
    return this.samples[scenario]?.[label] ?? []
  }

  median(scenario: string, label: string, metric: Metric): Estimate | undefined {
    return estimate(this.of(scenario, label).map(metric))
  }

  /** How many times as much as the baseline in the same round, which may be of another scenario. */
  ratio(
    scenario: string,
    label: string,
    metric: Metric,
    baseline: string,
    baselineScenario = scenario,
  ): Estimate | undefined {
    const base = this.of(baselineScenario, baseline)
    return estimate(
      this.of(scenario, label).flatMap((sample, round) => (base[round] ? metric(sample) / metric(base[round]) : [])),
    )
  }

  /** Median latency less that of the upstream alone in the same round, in milliseconds. */
  added(scenario: string, label: string): Estimate | undefined {
    const direct = this.of(scenario, 'direct')
    return estimate(
      this.of(scenario, label).flatMap((sample, round) => (direct[round] ? p50(sample) - p50(direct[round]) : [])),
    )
  }

  /** The added latency as a multiple of the baseline's in the same round. */
  addedRatio(scenario: string, label: string, baseline: string): Estimate | undefined {
    const direct = this.of(scenario, 'direct')
    const base = this.of(scenario, baseline)
    return estimate(
      this.of(scenario, label).flatMap((sample, round) =>
        direct[round] && base[round]
          ? (p50(sample) - p50(direct[round])) / (p50(base[round]) - p50(direct[round]))
          : [],
      ),
    )
  }

  errors(scenario: string, label: string): number {
    return this.of(scenario, label).reduce((sum, { errors }) => sum + errors, 0)
  }
}
