/** Rollouts in virtual time: arms that behave as they are told, and guardrails that look every second. */
import { always } from '@sluice/route-kit/testing'
import type { Distribution } from '@sluice/route-kit/testing'
import { addSample, noCounts } from '../../src/counts.ts'
import type { Counts } from '../../src/counts.ts'
import { decide } from '../../src/judge.ts'
import type { Finding } from '../../src/judge.ts'
import type { Plan } from '../../src/plan.ts'
import { changed, GATEWAY, sharesOf, startOf } from '../../src/state.ts'
import type { State } from '../../src/state.ts'

/** How an arm does. Times in milliseconds, money in nano-dollars. */
export interface Behaviour {
  errorRate?: number
  latency?: Distribution
  ttft?: Distribution
  cost?: Distribution
}

export interface Run {
  state: State
  /** Seconds until it ended, or was left. */
  seconds: number
  /** Requests of each arm in the epoch it ended in. */
  counts: readonly Counts[]
  findings: readonly Finding[]
}

/** Seconds of a minute, an hour. */
export const [MINUTE, HOUR] = [60, 3600]

/** Runs until it is promoted or rolled back, or `limit` seconds are over. */
export function simulate(
  plan: Plan,
  behaviours: readonly Behaviour[],
  random: () => number,
  { perSecond = 10, limit = 6 * HOUR }: { perSecond?: number; limit?: number } = {},
): Run {
  let state = startOf(plan, 0)
  let counts = plan.arms.map(noCounts)
  for (let seconds = 1; seconds <= limit; seconds++) {
    for (let request = 0; request < perSecond; request++) serve(counts, sharesOf(plan, state), behaviours, random)
    const now = seconds * 1000
    const elapsed = now - state.since
    const decision = decide(plan, state, { counts, stable: counts[0]!, elapsed })
    if (!decision) continue
    const { action, reason, findings } = decision
    const next = changed(plan, state, { action, by: GATEWAY, reason, now, elapsed })
    if (next.status !== 'running') return { state: next, seconds, counts, findings }
    state = next
    counts = plan.arms.map(noCounts)
  }
  return { state, seconds: limit, counts, findings: [] }
}

function serve(
  counts: readonly Counts[],
  shares: readonly number[],
  behaviours: readonly Behaviour[],
  random: () => number,
): void {
  let left = random()
  let arm = shares.findIndex((share) => (left -= share) < 0)
  if (arm < 0) arm = 0
  const { errorRate = 0.01, latency = always(1000), ttft = always(200), cost = always(1_000_000) } = behaviours[arm]!
  addSample(counts[arm]!, {
    isError: random() < errorRate,
    latency: latency(random),
    ttft: ttft(random),
    nanoUsd: cost(random),
    inputTokens: 100,
    outputTokens: 50,
  })
}
