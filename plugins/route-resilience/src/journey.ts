/** The way of one exchange from target to target. */
import { exchangeKey } from '@sluice/core'
import type { Exchange, GatewayError, Target } from '@sluice/core'
import { targetName } from '@sluice/route-kit'
import { NO_ALTERNATIVES } from './alternatives.ts'
import type { Alternatives } from './alternatives.ts'
import { MEANINGS } from './fault.ts'
import type { Fault } from './fault.ts'
import type { CompiledPolicy } from './policy.ts'

/** A target that has failed, how it did last, and when it may be called again (on the clock of `RouteClock`). */
export interface Tried {
  target: Target
  calls: number
  fault: Fault
  /** Whether calling it again is no use, as that has been done on its side. */
  isFinal: boolean
  readyAt: number
}
type Failed = Pick<Tried, 'target' | 'fault' | 'isFinal'> & { error: GatewayError }

export const JOURNEY = exchangeKey<Journey>('route-resilience/journey')

export class Journey {
  readonly policy: CompiledPolicy
  retries = 0
  readonly retriesOf = new Map<Fault, number>()
  readonly tried: Tried[] = []
  readonly #called = new Set<string>()
  #alternatives: Alternatives
  #isSettled: boolean
  /** The last failure from which a client learns something. */
  #telling: GatewayError | undefined

  constructor(policy: CompiledPolicy, alternatives?: Alternatives) {
    this.policy = policy
    this.#alternatives = alternatives ?? NO_ALTERNATIVES
    this.#isSettled = alternatives === undefined
  }

  /** Those that nobody has filtered out. */
  get alternatives(): Alternatives {
    return this.#alternatives
  }

  /** The first call is about to be made: everybody has seen the alternatives; those for special cases now wait for these. */
  settle(exchange: Exchange, first: Target): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const { targets } = exchange
    const left = (list: readonly Target[]): readonly Target[] => list.filter((target) => targets.includes(target))
    const { general, contextWindow, contentPolicy, budget } = this.#alternatives
    this.#alternatives = {
      general: left(general),
      contextWindow: left(contextWindow),
      contentPolicy: left(contentPolicy),
      budget: left(budget),
    }
    const special = new Set([...contextWindow, ...contentPolicy, ...budget])
    for (const target of [first, ...general]) special.delete(target)
    if (special.size > 0) exchange.targets = targets.filter((target) => !special.has(target))
  }

  /** Whether the target is another model's. */
  isAlternative(target: Target): boolean {
    return this.#alternatives.general.includes(target) || this.#alternatives.budget.includes(target)
  }

  note({ target, fault, isFinal, error }: Failed, now: number): void {
    const name = targetName(target)
    this.#called.add(name)
    if (MEANINGS[fault].told) this.#telling = error
    const readyAt = now + (error.retryAfter ?? 0) * 1000
    const known = this.tried.find((each) => targetName(each.target) === name)
    if (!known) return void this.tried.push({ target, calls: 1, fault, isFinal, readyAt })
    Object.assign(known, { calls: known.calls + 1, fault, isFinal, readyAt })
  }

  /** What the client is told in the end, where the last failure is this one. */
  toldInPlaceOf(error: GatewayError): GatewayError {
    return this.#telling ?? error
  }

  wasCalled(target: Target): boolean {
    return this.#called.size > 0 && this.#called.has(targetName(target))
  }

  countRetry(fault: Fault): void {
    this.retries++
    this.retriesOf.set(fault, (this.retriesOf.get(fault) ?? 0) + 1)
  }
}

/** Where the kernel is in the list of targets: at the last one that was called. */
export function positionIn({ targets, attempts }: Exchange): number {
  let at = -1
  for (const { target } of attempts) at = Math.max(at, targets.lastIndexOf(target))
  return at
}
