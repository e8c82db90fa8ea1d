/** A rollout as it was configured, checked and with everything worked out. */
import { createHash } from 'node:crypto'
import { invalidRequest, milliseconds } from '@sluice/core'
import { guardsOf } from './guards.ts'
import type { Guard } from './guards.ts'
import type { RolloutDefinition } from './options.ts'

export interface Arm {
  name: string
  /** `provider/model`; none stands for all targets of the model that are no other arm's. */
  targets: readonly string[]
}

/** Shares of the arms, which make 1, and how many milliseconds at least they stay so; Infinity until told otherwise. */
export type Phase = { shares: readonly number[]; for: number }
export type UnitKind = NonNullable<RolloutDefinition['by']>

export interface Plan {
  name: string
  /** Tells this plan from others that the rollout had: counts and states are kept under it. */
  id: string
  model: string
  kind: NonNullable<RolloutDefinition['kind']>
  /** The first is what the others are compared with, and goes back to. */
  arms: readonly Arm[]
  phases: readonly Phase[]
  by: UnitKind
  header: string
  guards: readonly Guard[]
  /** Of one comparison: what all of them share, divided. */
  alpha: number
  minSamples: number
  advanceWithoutTraffic: boolean
  /** Milliseconds after a promotion. */
  watch: number
}

/** @throws GatewayError `invalid_request` that says which fields do not go together */
export function planOf(name: string, definition: RolloutDefinition): Plan {
  const { model, kind = 'canary', header = '', minSamples = 50, steps = [] } = definition
  const { by = kind === 'experiment' ? 'user' : 'request', advanceWithoutTraffic = false } = definition
  const { guardrails = { errorRate: { max: 0.05 } }, alpha = 0.05 } = definition
  if ((by === 'header') !== (header !== ''))
    throw invalidRequest('"header" names a header if "by" is "header", and is left out else.', 'header')
  const arms = kind === 'experiment' ? armsOf(definition) : sidesOf(definition)
  const phases = phasesOf(kind, definition)
  const guards = guardsOf(guardrails)
  const looks = Math.max(1, guards.length) * (arms.length - 1) * (phases.length + 1)
  const digest = createHash('sha256').update(JSON.stringify([model, kind, arms, phases.map(plain)]))
  return {
    name,
    id: `${name}@${digest.digest('hex').slice(0, 12)}`,
    model,
    kind,
    arms,
    phases,
    by,
    header,
    guards,
    alpha: alpha / looks,
    minSamples,
    advanceWithoutTraffic,
    watch: milliseconds(definition.watch ?? steps.find(isPromotion)?.for ?? '1h'),
  }
}

/** JSON knows no Infinity. */
const plain = ({ shares, for: ms }: Phase): unknown => [shares, String(ms)]

const listOf = (targets: string | readonly string[] = []): string[] => [targets].flat()

function sidesOf({ kind = 'canary', stable, candidate, arms }: RolloutDefinition): Arm[] {
  if (arms) throw invalidRequest(`"arms" are an experiment's: a ${kind} has "stable" and "candidate".`, 'arms')
  if (!candidate) throw invalidRequest(`A ${kind} needs "candidate", the targets to move to.`, 'candidate')
  const sides = [
    { name: 'stable', targets: listOf(stable) },
    { name: 'candidate', targets: listOf(candidate) },
  ]
  return distinct(sides, 'candidate')
}

function armsOf({ arms = {}, stable, candidate }: RolloutDefinition): Arm[] {
  if (stable || candidate) throw invalidRequest('An experiment has "arms", not "stable" and "candidate".', 'arms')
  const entries = Object.entries(arms)
  if (entries.length < 2) throw invalidRequest('An experiment needs two "arms" or more.', 'arms')
  return distinct(
    entries.map(([name, { targets }]) => ({ name, targets: listOf(targets) })),
    'arms',
  )
}

function distinct(arms: Arm[], param: string): Arm[] {
  const all = arms.flatMap(({ targets }) => targets)
  const twice = all.find((target, index) => all.indexOf(target) !== index)
  if (twice !== undefined) throw invalidRequest(`"${twice}" is named twice: a target belongs to one arm.`, param)
  return arms
}

function phasesOf(kind: Plan['kind'], { percent, steps, arms }: RolloutDefinition): Phase[] {
  if (kind !== 'canary' && (percent !== undefined || steps))
    throw invalidRequest(`"percent" and "steps" are a canary's, not a ${kind}'s.`, steps ? 'steps' : 'percent')
  if (kind === 'blue-green') return [{ shares: [1, 0], for: Infinity }]
  if (kind === 'canary') return rampOf(percent, steps)
  const weights = Object.values(arms ?? {}).map(({ weight = 1 }) => weight)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (!(sum > 0 && sum < Infinity)) throw invalidRequest('One of the "arms" must have a weight above 0.', 'arms')
  return [{ shares: weights.map((weight) => weight / sum), for: Infinity }]
}

function rampOf(percent: number | undefined, steps: RolloutDefinition['steps']): Phase[] {
  if ((percent === undefined) === (steps === undefined))
    throw invalidRequest('A canary needs either "percent" or "steps".', 'steps')
  if (!steps) return [{ shares: sharesAt(percent!), for: Infinity }]
  const falls = steps.findIndex(({ percent }, index) => index > 0 && percent <= steps[index - 1]!.percent)
  if (falls > 0) throw invalidRequest('Each step must have a higher percent than the one before.', `steps[${falls}]`)
  const ramp = steps.filter((step) => !isPromotion(step))
  if (ramp.length === 0) throw invalidRequest('The first step must leave something to compare with.', 'steps[0]')
  return ramp.map((step) => ({ shares: sharesAt(step.percent), for: milliseconds(step.for) }))
}

/** A step with all traffic is what comes after the others anyway. */
const isPromotion = ({ percent }: { percent: number }): boolean => percent === 100
const sharesAt = (percent: number): number[] => [1 - percent / 100, percent / 100]
