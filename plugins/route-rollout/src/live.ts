/** A rollout under way, as requests meet it: which arm, and in what order its targets are tried. */
import { parseTarget } from '@sluice/core'
import type { Exchange, Target } from '@sluice/core'
import type { RouteClock } from '@sluice/route-kit'
import { hashText, pointOf, targetName } from '@sluice/route-kit'
import type { Plan } from './plan.ts'
import { sharesOf } from './state.ts'
import type { State } from './state.ts'
import { unitOf } from './unit.ts'

/** Which arm an exchange was assigned to, and when in the rollout. */
export interface Assignment {
  live: Live
  arm: number
  epoch: number
  /** What it was assigned by; undefined if by chance. */
  unit: string | undefined
  /** Whether it has been written down. */
  isNoted: boolean
}

/** Groups of targets come one after the other: none of the second is tried while there is one of the first. */
const NEXT_GROUP = 1_000_000

export class Live {
  readonly plan: Plan
  /** Where the definition comes from. */
  readonly source: 'config' | 'store'
  readonly #clock: RouteClock
  readonly #salt: number
  /** By name, the arm that a target is of; the first arm's need not be there. */
  readonly #arms: ReadonlyMap<string, number>
  readonly #named: readonly Target[]
  #state: State
  #revision = 0
  /** Ends of the arms' parts of the line from 0 to 1, and their indices: the first arm's is last, so that it shrinks. */
  #ends: { arm: number; end: number }[] = []
  /** When the state came to be known, on the clock, and how long it had lasted. */
  #seenAt: number
  #lastedBefore = 0
  #given: readonly Target[] | undefined
  #widened: readonly Target[] = []
  /** In a later group. */
  readonly #copies = new WeakMap<Target, Target>()
  /** By arm, of the widened targets. */
  #ordered: (readonly Target[] | undefined)[] = []

  /** @param providers ids of those that are configured: targets of others are left out */
  constructor(plan: Plan, source: Live['source'], state: State, providers: ReadonlySet<string>, clock: RouteClock) {
    this.plan = plan
    this.source = source
    this.#clock = clock
    this.#salt = hashText(plan.name)
    const named = plan.arms.flatMap(({ targets }, arm) => targets.map((name) => ({ name, arm })))
    this.#arms = new Map(named.map(({ name, arm }) => [name, arm]))
    this.#named = named.map(({ name }) => parseTarget(name)).filter(({ provider }) => providers.has(provider))
    this.#state = state
    this.#seenAt = clock.now()
    this.#cut()
  }

  get state(): State {
    return this.#state
  }

  /** Of the state's record; 0 if there is none yet. */
  get revision(): number {
    return this.#revision
  }

  /** Its targets that are there. */
  get targets(): readonly Target[] {
    return this.#named
  }

  /**
   * Takes a state over. @param wall milliseconds since the epoch if the change may be old; else it has happened just
   * now, whatever clocks say
   */
  learn(state: State, revision: number, wall?: number): void {
    this.#state = state
    this.#revision = revision
    this.#seenAt = this.#clock.now()
    this.#lastedBefore = wall === undefined ? 0 : Math.max(0, wall - state.since)
    this.#cut()
  }

  /** Milliseconds since shares last changed, pauses left out. A wall clock that is set changes nothing. */
  get elapsed(): number {
    const { status, ran } = this.#state
    return status === 'paused' ? ran : ran + this.#lastedBefore + (this.#clock.now() - this.#seenAt)
  }

  #cut(): void {
    const shares = sharesOf(this.plan, this.#state)
    let end = 0
    this.#ends = shares
      .map((share, arm) => ({ share, arm }))
      .slice(1)
      .map(({ share, arm }) => ({ arm, end: (end += share) }))
    this.#ends.push({ arm: 0, end: Infinity })
    // Sums of shares that make 1 may fall short of it by a rounding.
    if (shares[0] === 0) this.#ends = this.#ends.filter(({ arm }) => arm > 0 && shares[arm]! > 0)
    this.#ends.at(-1)!.end = Infinity
  }

  assign(exchange: Exchange): Assignment {
    const unit = unitOf(this.plan, exchange)
    const point = unit === undefined ? this.#clock.random() : pointOf(unit, this.#salt)
    let index = 0
    while (point >= this.#ends[index]!.end) index++
    return { live: this, arm: this.#ends[index]!.arm, epoch: this.#state.epoch, unit, isNoted: false }
  }

  /** The model's targets and those of all arms. The same list for the same list. */
  widen(given: readonly Target[]): readonly Target[] {
    if (given === this.#given) return this.#widened
    const known = new Set(given.map(targetName))
    const added = this.#named.filter((target) => !known.has(targetName(target)))
    this.#given = given
    this.#widened = added.length > 0 ? [...given, ...added] : given
    this.#ordered = []
    return this.#widened
  }

  /** The arm's targets first, the others after them; undefined if the arm has none among them. */
  order(targets: readonly Target[], arm: number): readonly Target[] | undefined {
    if (targets !== this.#widened) return this.#sorted(targets, arm)
    if (arm in this.#ordered) return this.#ordered[arm]
    return (this.#ordered[arm] = this.#sorted(targets, arm))
  }

  #sorted(targets: readonly Target[], arm: number): readonly Target[] | undefined {
    const own = targets.filter((target) => this.armOf(target) === arm)
    if (own.length === 0) return undefined
    const others = targets.filter((target) => this.armOf(target) !== arm)
    return own.concat(others.map((target) => this.#demoted(target)))
  }

  /** The same object each time: others may remember things of targets. */
  #demoted(target: Target): Target {
    const known = this.#copies.get(target)
    if (known) return known
    const copy = { ...target, priority: (target.priority ?? 0) + NEXT_GROUP }
    this.#copies.set(target, copy)
    return copy
  }

  /** -1 if it is of none. */
  armOf(target: Target): number {
    return this.#arms.get(targetName(target)) ?? (this.plan.arms[0]!.targets.length === 0 ? 0 : -1)
  }
}
