/** What is known of an arm: sums that any process may add to, and that may be added up in any order. */
import { addDuration, mergeHistogram } from '@sluice/route-kit'
import type { Histogram } from '@sluice/route-kit'
import { addValue, mergeMoments, noMoments } from './moments.ts'
import type { Moments } from './moments.ts'

/** Plain data, as they are stored. Latencies are of requests that the arm answered; money in nano-dollars. */
export interface Counts {
  requests: number
  errors: number
  latency: Histogram
  /** Of streams. */
  ttft: Histogram
  cost: Moments
  inputTokens: number
  outputTokens: number
  feedback: { [name: string]: Moments }
}

/** What one exchange says of its arm. Times in milliseconds. */
export interface Sample {
  isError: boolean
  latency: number
  ttft: number | undefined
  nanoUsd: number | undefined
  inputTokens: number
  outputTokens: number
}

/** Names of scores that are summed up for an arm: clients choose them. */
const MOST_NAMES = 32

export function noCounts(): Counts {
  return {
    requests: 0,
    errors: 0,
    latency: {},
    ttft: {},
    cost: noMoments(),
    inputTokens: 0,
    outputTokens: 0,
    feedback: {},
  }
}

export function addSample(counts: Counts, sample: Sample): void {
  counts.requests += 1
  counts.inputTokens += sample.inputTokens
  counts.outputTokens += sample.outputTokens
  if (sample.isError) counts.errors += 1
  else addDuration(counts.latency, sample.latency)
  if (!sample.isError && sample.ttft !== undefined) addDuration(counts.ttft, sample.ttft)
  if (sample.nanoUsd !== undefined) addValue(counts.cost, sample.nanoUsd)
}

/** The sums of a score; undefined if there are too many names already. */
export function scoresOf({ feedback }: Counts, name: string): Moments | undefined {
  if (Object.hasOwn(feedback, name)) return feedback[name]
  return Object.keys(feedback).length < MOST_NAMES ? (feedback[name] = noMoments()) : undefined
}

export function mergeCounts(counts: Counts, other: Counts): void {
  counts.requests += other.requests
  counts.errors += other.errors
  counts.inputTokens += other.inputTokens
  counts.outputTokens += other.outputTokens
  mergeHistogram(counts.latency, other.latency)
  mergeHistogram(counts.ttft, other.ttft)
  mergeMoments(counts.cost, other.cost)
  for (const [name, scores] of Object.entries(other.feedback)) {
    const own = scoresOf(counts, name)
    if (own) mergeMoments(own, scores)
  }
}
