/** Which targets a request goes to, and where it goes next when a call has failed. Decides at once; nothing here waits. */
import type { Attempt, Exchange, GatewayError, Target } from '@sluice/core'
import { routedModel, targetName, why } from '@sluice/route-kit'
import type { RouteClock } from '@sluice/route-kit'
import { NO_ALTERNATIVES } from './alternatives.ts'
import type { Guide } from './alternatives.ts'
import { AGAIN, faultOf, isAgain, MEANINGS } from './fault.ts'
import type { Fault } from './fault.ts'
import type { TargetsHealth } from './health.ts'
import { Journey, JOURNEY, positionIn } from './journey.ts'
import type { Tried } from './journey.ts'
import { backoff } from './pause.ts'
import type { Policies } from './policy.ts'

/** A verdict, after so many milliseconds; with `fail`, what to tell the client. */
export type Step = { verdict: 'retry' | 'next'; pause: number } | { verdict: 'fail'; pause: 0; told: GatewayError }

export interface RecoverySettings {
  /** Of the plugin instance. */
  id: string
  policies: Policies
  guide: Guide
  health: TargetsHealth
  clock: RouteClock
}

const NEXT: Step = { verdict: 'next', pause: 0 }

export class Recovery {
  readonly #settings: RecoverySettings
  /** What exchanges have ended with. One made on behalf of another has done all that there was to do. */
  readonly #givenUp = new WeakSet<Error>()

  constructor(settings: RecoverySettings) {
    this.#settings = settings
  }

  /**
   * The model's own targets that are in order, then the alternatives, then those whose circuit is open: they are called
   * only if there is nothing else, the one first that is to be tried again first.
   */
  route(targets: readonly Target[], exchange: Exchange): readonly Target[] {
    const { health, guide, policies } = this.#settings
    const model = routedModel(exchange)
    const alternatives = guide.of(exchange, model, targets)
    if (!alternatives && health.isFine) return targets
    const { general, contextWindow, contentPolicy, budget } = alternatives ?? NO_ALTERNATIVES
    const own = this.#split(targets, exchange)
    const others = this.#split(general, exchange)
    const first = own.usable[0] ?? others.usable[0]
    // Who is to find out whether a target is back is the one who calls it first.
    if (first) health.claim(first)
    if (!alternatives && own.open.length === 0) return targets
    const all = [...own.usable, ...others.usable, ...own.open, ...others.open]
    if (!alternatives) return all
    exchange.set(JOURNEY, new Journey(policies.of(model), alternatives))
    return [...new Set([...all, ...contextWindow, ...contentPolicy, ...budget])]
  }

  #split(targets: readonly Target[], exchange: Exchange): { usable: readonly Target[]; open: readonly Target[] } {
    const { health, id } = this.#settings
    if (health.isFine) return { usable: targets, open: [] }
    const usable: Target[] = []
    const open: { target: Target; until: number }[] = []
    for (const target of targets) {
      const state = health.state(target)
      if (!state.open) {
        usable.push(target)
        continue
      }
      open.push({ target, until: state.until ?? 0 })
      why(exchange)?.note(id, `${targetName(target)} comes last, as its circuit is open: ${state.reason}`)
    }
    return { usable, open: open.sort((a, b) => a.until - b.until).map(({ target }) => target) }
  }

  /** Made at the first failure where there are no alternatives. */
  journeyOf(exchange: Exchange): Journey {
    const known = exchange.get(JOURNEY)
    if (known) return known
    const journey = new Journey(this.#settings.policies.of(routedModel(exchange)))
    exchange.set(JOURNEY, journey)
    return journey
  }

  /** The attempt has failed. `exchange.targets` is changed so that the verdict leads where it should. */
  next(attempt: Attempt, exchange: Exchange): Step {
    const error = attempt.error!
    const fault = faultOf(error)
    const journey = this.journeyOf(exchange)
    const isFinal = this.#givenUp.has(error) || (error.cause instanceof Error && this.#givenUp.has(error.cause))
    journey.note({ target: attempt.target, fault, isFinal, error }, this.#settings.clock.now())
    const step = this.#mayGoOn(exchange, fault, journey) ? this.#onward(attempt, exchange, fault, journey) : undefined
    if (step) return step
    const told = journey.toldInPlaceOf(error)
    this.#givenUp.add(told)
    return { verdict: 'fail', pause: 0, told }
  }

  #onward(attempt: Attempt, exchange: Exchange, fault: Fault, journey: Journey): Step | undefined {
    if (MEANINGS[fault].way === 'special') return this.#special(attempt, exchange, fault, journey)
    if (fault === 'budget' || fault === 'account') preferBudget(exchange, journey)
    const isOwn = (target: Target): boolean => !journey.isAlternative(target)
    return this.#untried(exchange, journey, isOwn) ?? this.#again(exchange, journey) ?? this.#untried(exchange, journey)
  }

  #mayGoOn(exchange: Exchange, fault: Fault, { policy }: Journey): boolean {
    if (MEANINGS[fault].way === 'nowhere' || !mayRepeat(exchange, fault)) return false
    return callsOf(exchange) < policy.maxAttempts && this.#elapsed(exchange) < policy.deadline
  }

  #elapsed({ attempts }: Exchange): number {
    return this.#settings.clock.now() - attempts[0]!.startedAt
  }

  /** What is too long or not wanted here may be fine for models that are made for it. */
  #special(attempt: Attempt, exchange: Exchange, fault: Fault, journey: Journey): Step | undefined {
    const { targets } = exchange
    const { contextWindow, contentPolicy } = journey.alternatives
    const at = positionIn(exchange)
    const window = attempt.target.about?.contextWindow ?? Infinity
    const larger = targets.slice(at + 1).filter(({ about }) => (about?.contextWindow ?? 0) > window)
    const fit = fault === 'contextWindow' ? new Set([...contextWindow, ...larger]) : contentPolicy
    exchange.targets = [...targets.slice(0, at + 1), ...fit]
    return this.#untried(exchange, journey)
  }

  /** The next target that was not called yet, and may be. */
  #untried(exchange: Exchange, journey: Journey, isMeant?: (target: Target) => boolean): Step | undefined {
    const { targets } = exchange
    const at = positionIn(exchange)
    for (let index = at + 1; index < targets.length; index++) {
      const target = targets[index]!
      if (isMeant?.(target) === false || journey.wasCalled(target) || !this.#settings.health.claim(target)) continue
      if (index > at + 1) turnTo(target, exchange)
      return NEXT
    }
    return undefined
  }

  /** One that has failed, if that is worth while: the one that was called least, after a wait. */
  #again(exchange: Exchange, journey: Journey): Step | undefined {
    const { policy } = journey
    if (journey.retries >= policy.maxRetries || !this.#hasRoom(exchange, journey)) return undefined
    const now = this.#settings.clock.now()
    for (const tried of journey.tried.toSorted((a, b) => a.calls - b.calls)) {
      const wait = this.#waitFor(tried, journey, now)
      if (wait === undefined || this.#elapsed(exchange) + wait >= policy.deadline) continue
      if (!this.#settings.health.of(tried.target).budget.take(now)) continue
      journey.countRetry(tried.fault)
      return { verdict: turnTo(tried.target, exchange), pause: wait }
    }
    return undefined
  }

  /** Whether a call again leaves one for each alternative. */
  #hasRoom(exchange: Exchange, journey: Journey): boolean {
    const { health } = this.#settings
    let waiting = 0
    for (const target of journey.alternatives.general)
      if (!journey.wasCalled(target) && !health.state(target).open) waiting++
    return callsOf(exchange) + waiting < journey.policy.maxAttempts
  }

  /** Milliseconds; undefined if the target is not to be called again. */
  #waitFor(
    { target, fault, isFinal, readyAt }: Tried,
    { policy, retries, retriesOf }: Journey,
    now: number,
  ): number | undefined {
    if (isFinal || !isAgain(fault) || (retriesOf.get(fault) ?? 0) >= policy.retriesOf[fault]) return undefined
    const { health, clock } = this.#settings
    const { breaker } = health.of(target)
    if (breaker.isOpen(now) && !breaker.isCooling) return undefined
    const rest = Math.max(0, readyAt - now, (breaker.opened?.until ?? 0) - now)
    if (rest > policy.longestRetryAfter) return undefined
    return Math.min(policy.longestWait, rest + backoff(policy.backoff, retries, () => clock.random()))
  }
}

/** Upstream calls so far. */
function callsOf({ attempts }: Exchange): number {
  let calls = 0
  for (const { error } of attempts) if (error?.hook !== 'beforeAttempt') calls++
  return calls
}

/** The kernel's next call goes to this target; what was still to come stays behind it. */
function turnTo(target: Target, exchange: Exchange): 'retry' | 'next' {
  const { targets } = exchange
  const at = positionIn(exchange)
  if (targets[at] === target) return 'retry'
  const rest = targets.slice(at + 1).filter((each) => each !== target)
  exchange.targets = [...targets.slice(0, at + 1), target, ...rest]
  return 'next'
}

/** Where money is short, these come before all other alternatives. */
function preferBudget(exchange: Exchange, journey: Journey): void {
  const { targets } = exchange
  const { budget } = journey.alternatives
  if (budget.length === 0) return
  const at = positionIn(exchange)
  const rest = targets.slice(at + 1).filter((target) => !budget.includes(target))
  const own = rest.filter((target) => !journey.isAlternative(target))
  exchange.targets = [...targets.slice(0, at + 1), ...new Set([...own, ...budget, ...rest])]
}

/** Operations that may make something of which there should be one. */
const MAKING: ReadonlySet<string> = new Set(['files', 'batches', 'passthrough', 'realtime'])
/** Failures after which it is unknown whether it was made. */
const UNCERTAIN: ReadonlySet<Fault> = new Set(
  AGAIN.filter((fault) => fault !== 'unreachable' && fault !== 'rateLimit' && fault !== 'overloaded'),
)

function mayRepeat({ operation, start }: Exchange, fault: Fault): boolean {
  return !MAKING.has(operation) || start.method === 'GET' || !UNCERTAIN.has(fault)
}
