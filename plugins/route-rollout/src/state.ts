/** Where a rollout is, as it is stored: every change of it is a revision of the record. */
import { checkValue, GatewayError, Type } from '@sluice/core'
import type { JsonObject, Static } from '@sluice/core'
import type { Plan } from './plan.ts'

const STATUSES = ['running', 'paused', 'promoted', 'rolled-back'] as const
const ACTIONS = ['start', 'step', 'promote', 'rollback', 'pause', 'resume'] as const

const ChangeSchema = Type.Object({
  /** Milliseconds since the epoch. */
  time: Type.Number(),
  action: Type.Enum(ACTIONS),
  /** Principal id, or `gateway`. */
  by: Type.String(),
  reason: Type.String(),
  /** Of the arms, from then on. */
  shares: Type.Array(Type.Number()),
})
const StateSchema = Type.Object({
  rollout: Type.String(),
  status: Type.Enum(STATUSES),
  phase: Type.Integer({ minimum: 0 }),
  /** Index of the arm that has all traffic, in `promoted`. */
  arm: Type.Integer({ minimum: 0 }),
  /** Grows when shares change: counts before and after are kept apart. */
  epoch: Type.Integer({ minimum: 0 }),
  /** The first epoch: a moment, so that a rollout that is made anew has no counts of an earlier one of its name. */
  began: Type.Integer({ minimum: 0 }),
  /** When it came to be so, or was resumed: milliseconds since the epoch. */
  since: Type.Number(),
  /** Milliseconds of the phase before it was paused. */
  ran: Type.Number(),
  /** The latest, oldest first. */
  changes: Type.Array(ChangeSchema),
})

export type Change = Static<typeof ChangeSchema>
export type State = Static<typeof StateSchema>
export type Action = Exclude<Change['action'], 'start'>

/** Who wants what, and why. `now`: milliseconds since the epoch; `elapsed`: those the phase has lasted. */
export interface Order {
  action: Action
  by: string
  reason: string
  now: number
  elapsed: number
  /** To promote; the second, if absent. */
  arm?: string
}

/** Changes that are kept in the record. */
const KEPT = 50
/** Who changes what nobody asked for. */
export const GATEWAY = 'gateway'

export function startOf(plan: Plan, now: number): State {
  const state: State = {
    rollout: plan.name,
    status: 'running',
    phase: 0,
    arm: 0,
    epoch: Math.floor(now),
    began: Math.floor(now),
    since: now,
    ran: 0,
    changes: [],
  }
  return noted(plan, state, { time: now, action: 'start', by: GATEWAY, reason: '' })
}

/** The record's value as a state of this plan. @throws Error that says what is wrong with it */
export function readState(plan: Plan, value: JsonObject): State {
  const [mistake] = checkValue(StateSchema, value)
  if (mistake) throw new Error(`${mistake.at} ${mistake.text}`)
  const state = value as State
  if (state.phase >= plan.phases.length || state.arm >= plan.arms.length) throw new Error('it is of another plan')
  return state
}

/** Shares of the arms. */
export function sharesOf(plan: Plan, { status, phase, arm }: State): readonly number[] {
  if (status === 'rolled-back') return plan.arms.map((_, index) => (index === 0 ? 1 : 0))
  if (status === 'promoted') return plan.arms.map((_, index) => (index === arm ? 1 : 0))
  return plan.phases[phase]!.shares
}

/** The state after a change; the old one stays as it is. @throws GatewayError `conflict`, `invalid_request` */
export function changed(plan: Plan, state: State, order: Order): State {
  const { action, by, reason, now } = order
  const next = noted(plan, TRANSITIONS[action](plan, state, order), { time: now, action, by, reason })
  const isMoved = String(sharesOf(plan, next)) !== String(sharesOf(plan, state))
  return { ...next, epoch: isMoved ? state.epoch + 1 : state.epoch }
}

type Transition = (plan: Plan, state: State, order: Order) => State

const TRANSITIONS: { readonly [A in Action]: Transition } = {
  step(plan, state, { now }) {
    if (state.status !== 'running' || state.phase + 1 >= plan.phases.length) throw impossible(state, 'has no next step')
    return { ...state, phase: state.phase + 1, since: now, ran: 0 }
  },
  promote(plan, state, { now, arm }) {
    const index = indexOf(plan, arm)
    if (state.status === 'promoted' && state.arm === index) throw impossible(state, 'is promoted already')
    return { ...state, status: 'promoted', arm: index, since: now, ran: 0 }
  },
  rollback(_plan, state, { now }) {
    if (state.status === 'rolled-back') throw impossible(state, 'is rolled back already')
    return { ...state, status: 'rolled-back', since: now, ran: 0 }
  },
  pause(_plan, state, { now, elapsed }) {
    if (state.status !== 'running') throw impossible(state, 'is not running')
    return { ...state, status: 'paused', since: now, ran: elapsed }
  },
  resume(_plan, state, { now }) {
    if (state.status === 'paused') return { ...state, status: 'running', since: now }
    if (state.status !== 'rolled-back') throw impossible(state, 'is neither paused nor rolled back')
    return { ...state, status: 'running', phase: 0, since: now, ran: 0 }
  },
}

function indexOf({ arms, kind }: Plan, name: string | undefined): number {
  if (name === undefined && kind !== 'experiment') return 1
  const index = arms.findIndex((arm) => arm.name === name)
  if (index >= 0) return index
  const names = arms.map((arm) => arm.name).join(', ')
  throw new GatewayError('invalid_request', `"arm" must be one of: ${names}.`, { param: 'arm' })
}

function impossible({ rollout, status }: State, why: string): GatewayError {
  return new GatewayError('conflict', `The rollout "${rollout}" ${why}: it is ${status}.`)
}

function noted(plan: Plan, state: State, change: Omit<Change, 'shares'>): State {
  const full = { ...change, shares: [...sharesOf(plan, state)] }
  return { ...state, changes: [...state.changes, full].slice(-KEPT) }
}
