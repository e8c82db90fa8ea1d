/** Rollouts as operators see them. */
import type { JsonObject } from '@sluice/core'
import { quantileOf, targetName } from '@sluice/route-kit'
import { dollars } from '@sluice/usage-kit'
import { mergeCounts, noCounts } from './counts.ts'
import type { Counts } from './counts.ts'
import { judge } from './judge.ts'
import type { Live } from './live.ts'
import { meanOf } from './moments.ts'
import { evidenceFor } from './pilot.ts'
import { sharesOf } from './state.ts'

/** In a line. */
export function summaryOf({ plan, state, revision, source }: Live): JsonObject {
  const shares = sharesOf(plan, state)
  return {
    id: plan.name,
    revision,
    source,
    model: plan.model,
    kind: plan.kind,
    status: state.status,
    ...(plan.phases.length > 1 && { step: state.phase + 1, steps: plan.phases.length }),
    shares: Object.fromEntries(plan.arms.map(({ name }, arm) => [name, shares[arm]])),
    since: new Date(state.since).toISOString(),
    reason: state.changes.at(-1)?.reason ?? '',
  }
}

/** With all that is known. `epochs`: counts of all processes since it began. */
export function statusOf(live: Live, epochs: ReadonlyMap<number, readonly Counts[]>): JsonObject {
  const { plan, state, elapsed, targets } = live
  const present = new Set(targets.map(targetName))
  const evidence = evidenceFor(live, epochs)
  const arms = plan.arms.map((arm, index) => {
    const total = noCounts()
    for (const counts of epochs.values()) mergeCounts(total, counts[index]!)
    const missing = arm.targets.filter((target) => !present.has(target))
    const view = {
      targets: arm.targets,
      ...(missing.length > 0 && { missing }),
      now: figuresOf(evidence.counts[index]!),
      total: figuresOf(total),
    }
    return [arm.name, view]
  })
  return {
    ...summaryOf(live),
    elapsedMs: Math.round(elapsed),
    arms: Object.fromEntries(arms) as JsonObject,
    guardrails: judge(plan, evidence),
    changes: state.changes.map(({ time, shares, ...change }) => ({
      time: new Date(time).toISOString(),
      ...change,
      shares: Object.fromEntries(plan.arms.map(({ name }, arm) => [name, shares[arm]])),
    })),
  }
}

/** Times in milliseconds, off by 2.5 % at most. */
function figuresOf(counts: Counts): JsonObject {
  const { requests, errors, latency, ttft, cost, inputTokens, outputTokens, feedback } = counts
  const scores = Object.entries(feedback).map(([name, moments]) => [name, { n: moments.n, mean: meanOf(moments) }])
  return {
    requests,
    errors,
    errorRate: requests > 0 ? errors / requests : null,
    latencyP50: rounded(quantileOf(latency, 0.5)),
    latencyP95: rounded(quantileOf(latency, 0.95)),
    ttftP50: rounded(quantileOf(ttft, 0.5)),
    ttftP95: rounded(quantileOf(ttft, 0.95)),
    costUsd: cost.n > 0 ? dollars(cost.sum) : null,
    costPerRequestUsd: cost.n > 0 ? dollars(cost.sum / cost.n) : null,
    inputTokens,
    outputTokens,
    feedback: Object.fromEntries(scores) as JsonObject,
  }
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Number(ms.toPrecision(3))
}
