/** What the guardrails say of an arm, and what becomes of the rollout. Pure: counts in, a decision out. */
import type { Counts } from './counts.ts'
import type { Comparison, Guard } from './guards.ts'
import type { Plan } from './plan.ts'
import type { Action, State } from './state.ts'

/**
 * `breach`: surely worse than allowed. `hold`: it looks worse than allowed, which may be chance. `unknown`: too few
 * samples to tell.
 */
export type Verdict = 'ok' | 'hold' | 'breach' | 'unknown'
export interface Finding extends Pick<Comparison, 'samples' | 'stableSamples'> {
  arm: string
  metric: string
  verdict: Verdict
  value: number | null
  stable: number | null
  limit: number
  /** How much worse it looks, and is at least. */
  worse: number | null
  surely: number | null
  /** That it is at least so much worse. */
  confidence: number
}

/** What is known when a decision is due. */
export interface Evidence {
  /** By arm, since shares last changed. */
  counts: readonly Counts[]
  /** Of the first arm: the same time, or the time before it lost its traffic. */
  stable: Counts
  /** Milliseconds since shares last changed, pauses left out. */
  elapsed: number
}
export interface Decision {
  action: Extract<Action, 'step' | 'promote' | 'rollback'>
  reason: string
  /** What it rests on. */
  findings: readonly Finding[]
}

/** Every guardrail, for each arm but the first that had traffic. */
export function judge(plan: Plan, { counts, stable }: Pick<Evidence, 'counts' | 'stable'>): Finding[] {
  const findings: Finding[] = []
  for (let arm = 1; arm < plan.arms.length; arm++) {
    const own = counts[arm]!
    if (own.requests === 0) continue
    for (const guard of plan.guards) {
      const comparison = guard.compare(own, stable, plan.alpha)
      findings.push(findingOf(plan, plan.arms[arm]!.name, guard, comparison))
    }
  }
  return findings
}

function findingOf(plan: Plan, arm: string, { metric, limit }: Guard, comparison: Comparison): Finding {
  const { samples, stableSamples, value, stable, worse, surely } = comparison
  const isKnown = samples >= plan.minSamples && stableSamples >= plan.minSamples
  return {
    arm,
    metric,
    verdict: isKnown ? verdictOf(worse, surely, limit) : 'unknown',
    samples,
    stableSamples,
    value: finite(value),
    stable: finite(stable),
    limit,
    worse: finite(worse),
    surely: finite(surely),
    confidence: 1 - plan.alpha,
  }
}

function verdictOf(worse: number, surely: number, limit: number): Verdict {
  if (surely > limit) return 'breach'
  return worse > limit ? 'hold' : 'ok'
}

/** JSON knows no others. */
const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? Number(value.toPrecision(6)) : null

/** What is to be done now, if anything. */
export function decide(plan: Plan, state: State, evidence: Evidence): Decision | undefined {
  if (state.status === 'rolled-back' || isPastWatch(plan, state, evidence)) return undefined
  const findings = judge(plan, evidence)
  const breach = findings.find(({ verdict }) => verdict === 'breach')
  if (breach) return { action: 'rollback', reason: reasonOf(breach), findings: [breach] }
  return state.status === 'running' ? advance(plan, state, evidence, findings) : undefined
}

function isPastWatch({ watch }: Plan, { status, arm }: State, { elapsed }: Evidence): boolean {
  return status === 'promoted' && (arm === 0 || elapsed > watch)
}

function advance(
  plan: Plan,
  { phase }: State,
  { counts, elapsed }: Evidence,
  findings: readonly Finding[],
): Decision | undefined {
  if (elapsed < plan.phases[phase]!.for) return undefined
  const { minSamples, advanceWithoutTraffic } = plan
  const isServed = counts.every(({ requests }) => requests >= minSamples)
  if (!isServed && !advanceWithoutTraffic) return undefined
  const isOpen = findings.some(({ verdict }) => verdict === 'hold' || (verdict === 'unknown' && !advanceWithoutTraffic))
  if (isOpen) return undefined
  const samples = counts.map(({ requests }, arm) => `${requests} by ${plan.arms[arm]!.name}`).join(', ')
  const action = phase + 1 < plan.phases.length ? 'step' : 'promote'
  return { action, reason: `No guardrail objects after ${samples}.`, findings }
}

/** In words, for the log and the record. */
export function reasonOf({
  metric,
  arm,
  value,
  stable,
  samples,
  stableSamples,
  limit,
  surely,
  confidence,
}: Finding): string {
  const figures = `${String(value)} in ${samples} samples, against ${String(stable)} in ${stableSamples}`
  const bound = `worse by ${String(surely)} at least (limit ${limit}, confidence ${(100 * confidence).toFixed(2)} %)`
  return `The ${metric} of "${arm}" is ${figures}: ${bound}.`
}
