/** How targets are: what calls of them told, what other processes tell, what operators want. */
import type { Attempt, GatewayError, Target } from '@sluice/core'
import { TargetTable, targetName } from '@sluice/route-kit'
import type { Health, HealthState, RouteClock } from '@sluice/route-kit'
import { Breaker } from './breaker.ts'
import type { BreakerSettings } from './breaker.ts'
import { faultOf, MEANINGS } from './fault.ts'
import type { Fault } from './fault.ts'
import { Quantile } from './quantile.ts'
import { RetryBudget } from './retry-budget.ts'
import type { BudgetSettings } from './retry-budget.ts'

type Pair = Pick<Target, 'provider' | 'model'>

/** What is remembered of a target. */
export interface Patient {
  target: Pair
  breaker: Breaker
  budget: RetryBudget
  /** Milliseconds until streams began, and until whole answers were there. */
  streams: Quantile
  answers: Quantile
}

export interface HealthSettings {
  breaker: BreakerSettings
  budget: BudgetSettings
  clock: RouteClock
  /** A target's breaker has opened, opened again or closed. */
  onChange?: (patient: Patient) => void
}

const FINE: HealthState = Object.freeze({ open: false })

/** What is told of a target whose breaker a failure has opened. */
const REASONS: { readonly [F in Fault]?: string } = {
  unreachable: 'it cannot be reached',
  reset: 'it breaks off connections',
  timeout: 'it does not answer in time',
  rateLimit: 'it has no capacity left for us',
  overloaded: 'it is overloaded',
  server: 'it fails',
  garbled: 'it sends what cannot be read',
  credential: 'it refuses the credential',
  account: 'its account has no money left',
}

export class TargetsHealth implements Health {
  readonly #clock: RouteClock
  readonly #patients: TargetTable<Patient>
  /** All of them, and those that have been forgotten since somebody last looked. */
  readonly #known = new Set<Patient>()
  #generation = 0
  /** Those whose breaker is not closed. */
  readonly #ill = new Set<Patient>()
  /** Failed attempts that have been counted. */
  readonly #noted = new WeakSet<Attempt>()
  /** Providers all of whose targets fail. */
  readonly #down = new Map<string, HealthState & { until: number }>()

  constructor({ breaker, budget, clock, onChange }: HealthSettings) {
    this.#clock = clock
    this.#patients = new TargetTable((target) => {
      const changed = (): void => {
        this.#sort(patient)
        onChange?.(patient)
      }
      const patient: Patient = {
        target,
        breaker: new Breaker(breaker, changed),
        budget: new RetryBudget(budget),
        streams: new Quantile(),
        answers: new Quantile(),
      }
      if (this.#generation !== this.#patients.generation) this.#forget()
      this.#known.add(patient)
      return patient
    })
  }

  state(target: Pair): HealthState {
    if (this.#ill.size === 0) return FINE
    const now = this.#clock.now()
    const breaker = this.#patients.peek(target)?.breaker
    // By the way of `of`: what is passed over for long is in use, too, and must not be forgotten.
    if (breaker && !breaker.isClosed) return this.of(target).breaker.state(now)
    const down = this.#down.get(target.provider)
    return down && now < down.until ? down : FINE
  }

  /** Made if nothing was known of it. */
  of(target: Pair): Patient {
    return this.#patients.get(target, this.#clock.now())
  }

  /** What is known of it, if anything. */
  peek(target: Pair): Patient | undefined {
    return this.#patients.peek(target)
  }

  /** Of all that were called lately. */
  patients(): Iterable<Patient> {
    this.#forget()
    return this.#known
  }

  /** Whether nothing is wrong anywhere, so that nobody need look closer. */
  get isFine(): boolean {
    return this.#ill.size === 0
  }

  /** Whether to call it now. One who asks for a target that is to be tried again is then the one who tries. */
  claim(target: Pair): boolean {
    if (this.#ill.size === 0) return true
    const breaker = this.#patients.peek(target)?.breaker
    return breaker && !breaker.isClosed ? breaker.claim(this.#clock.now()) : !this.state(target).open
  }

  /** The answer of a call has begun; of one that is no stream, all of it is there. */
  began({ target, startedAt, firstByteAt }: Attempt, isStream: boolean): void {
    const patient = this.of(target)
    patient[isStream ? 'streams' : 'answers'].add(firstByteAt - startedAt)
    patient.breaker.alive(startedAt, this.#clock.now())
  }

  /** A call is over. Who is told so twice counts it once. */
  ended(attempt: Attempt): void {
    const { error, target, startedAt } = attempt
    if (!error) return this.of(target).breaker.success(startedAt, this.#clock.now())
    if (this.#noted.has(attempt)) return
    this.#noted.add(attempt)
    this.#failed(attempt, faultOf(error), error)
  }

  #failed({ target, startedAt }: Attempt, fault: Fault, error: GatewayError): void {
    const { blame } = MEANINGS[fault]
    const now = this.#clock.now()
    if (blame === 'nothing') {
      // Nothing is made for models that some client has thought up.
      const breaker = this.#patients.peek(target)?.breaker
      // Who refuses a request is in order.
      return error.upstream ? breaker?.success(startedAt, now) : breaker?.release()
    }
    const asksForRest = fault === 'rateLimit' || fault === 'overloaded'
    const coolFor = asksForRest ? (error.retryAfter ?? 0) * 1000 : 0
    const reason = REASONS[fault] ?? 'it fails'
    this.of(target).breaker.failure({ reason, isCertain: blame === 'certain', coolFor }, startedAt, now)
  }

  #sort(patient: Patient): void {
    if (patient.breaker.isClosed) this.#ill.delete(patient)
    else this.#ill.add(patient)
    this.#judgeProvider(patient.target.provider, this.#clock.now())
  }

  #forget(): void {
    this.#generation = this.#patients.generation
    for (const each of this.#known) {
      if (this.#patients.peek(each.target) === each) continue
      this.#known.delete(each)
      this.#ill.delete(each)
    }
  }

  /** It is down if several of its targets are in use, and all of them are open. */
  #judgeProvider(provider: string, now: number): void {
    let open = 0
    let until = 0
    for (const { target, breaker } of this.patients()) {
      if (target.provider !== provider) continue
      if (breaker.opened) {
        open++
        until = Math.max(until, breaker.opened.until)
      } else if (breaker.calls(now) > 0) return void this.#down.delete(provider)
    }
    if (open < 2) this.#down.delete(provider)
    else this.#down.set(provider, Object.freeze({ open: true, reason: `all targets of ${provider} fail`, until }))
  }
}

/** For logs and lists. */
export function nameOf({ target }: Patient): string {
  return targetName(target)
}
