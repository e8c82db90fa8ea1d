import { asGatewayError, GatewayError } from '@sluice/core'
import type { Attempt, Exchange, Provider, Target, Timeouts, Verdict } from '@sluice/core'
import type { RouteClock } from '../clock.ts'
import { targetName } from '../target-name.ts'
import type { EventQueue } from './event-queue.ts'
import type { Outcome } from './report.ts'
import type { SimulatedUpstream } from './simulated-upstream.ts'

/** What decides, by the hooks it taps. None waits; in place of waiting, a verdict names a pause in milliseconds. */
export interface SimulatedRouter {
  beforeRoute?(targets: readonly Target[], exchange: Exchange): readonly Target[] | undefined
  beforeAttempt?(attempt: Attempt, exchange: Exchange): void
  onAttemptError?(attempt: Attempt, exchange: Exchange): Verdict | { verdict: Verdict; pause: number } | undefined
  afterAttempt?(attempt: Attempt, exchange: Exchange): void
  /** The answer begins. */
  onResponse?(exchange: Exchange): void
  onComplete?(exchange: Exchange): void
}

/** Tokens of input that every simulated request has. */
const INPUT = 100
const NOBODY: Provider = { kind: 'local', answer: () => Promise.reject(new Error('a simulation calls nobody')) }

/** The life of one exchange, as the kernel leads it. */
export class Life {
  readonly #queue: EventQueue
  readonly #clock: RouteClock
  readonly #router: SimulatedRouter
  readonly #upstreams: ReadonlyMap<string, SimulatedUpstream>
  readonly #timeouts: Timeouts
  readonly #names: string[] = []
  #outcome!: Outcome
  #exchange!: Exchange
  #beganAt = 0
  #next = 0

  constructor(
    queue: EventQueue,
    clock: RouteClock,
    router: SimulatedRouter,
    upstreams: ReadonlyMap<string, SimulatedUpstream>,
    timeouts: Timeouts,
  ) {
    this.#queue = queue
    this.#clock = clock
    this.#router = router
    this.#upstreams = upstreams
    this.#timeouts = timeouts
  }

  /** @returns what is filled in as it comes */
  begin(exchange: Exchange, beginning: number): Outcome {
    this.#exchange = exchange
    this.#beganAt = this.#queue.now
    const at = this.#queue.now - beginning
    this.#outcome = {
      at,
      endedAt: NaN,
      attempts: this.#names,
      served: undefined,
      error: undefined,
      ttft: NaN,
      total: NaN,
    }
    try {
      exchange.targets = this.#router.beforeRoute?.(exchange.targets, exchange) ?? exchange.targets
      this.#try()
    } catch (thrown) {
      this.#end(asGatewayError(thrown))
    }
    return this.#outcome
  }

  #try(): void {
    const target = this.#exchange.targets[this.#next]
    if (!target) return this.#end(new GatewayError('no_target_available', 'No target is left.'))
    const attempt = this.#newAttempt(target)
    this.#exchange.attempts.push(attempt)
    this.#names.push(targetName(target))
    try {
      this.#router.beforeAttempt?.(attempt, this.#exchange)
    } catch (thrown) {
      return this.#failed(attempt, asGatewayError(thrown))
    }
    this.#call(attempt)
  }

  #newAttempt(target: Target): Attempt {
    const startedAt = this.#clock.now()
    const number = this.#exchange.attempts.length + 1
    const moments = { startedAt, firstByteAt: 0, endedAt: 0 }
    const timeouts = { ...this.#timeouts }
    return { number, target, provider: NOBODY, headers: {}, timeouts, ...moments, status: 0, error: undefined }
  }

  #call(attempt: Attempt): void {
    const upstream = this.#upstreams.get(targetName(attempt.target))!
    const { firstByte, end, tokens, error } = upstream.call(this.#queue.now, INPUT)
    const { timeouts } = attempt
    const headed = this.#exchange.stream ? firstByte : end
    const limit = Math.min(this.#exchange.stream ? timeouts.firstByte : Infinity, timeouts.total)
    this.#queue.add(Math.min(headed, limit), () => {
      attempt.firstByteAt = this.#clock.now()
      const late = headed > limit && new GatewayError('upstream_timeout', 'The upstream did not answer in time.')
      if (late || error) {
        upstream.release()
        return this.#failed(attempt, late || error!)
      }
      attempt.status = 200
      this.#outcome.ttft = this.#queue.now - this.#beganAt
      this.#router.onResponse?.(this.#exchange)
      this.#queue.add(end - headed, () => {
        upstream.release()
        attempt.endedAt = this.#clock.now()
        const output = { total: tokens, reasoning: 0 }
        this.#exchange.usage = { input: { total: INPUT, cacheRead: 0, cacheWrite: 0 }, output }
        this.#router.afterAttempt?.(attempt, this.#exchange)
        this.#outcome.served = targetName(attempt.target)
        this.#end(undefined)
      })
    })
  }

  #failed(attempt: Attempt, error: GatewayError): void {
    attempt.endedAt = this.#clock.now()
    attempt.error = error
    attempt.status = error.upstream?.status ?? 0
    const given = this.#router.onAttemptError?.(attempt, this.#exchange)
    const { verdict, pause } = typeof given === 'object' ? given : { verdict: given, pause: 0 }
    this.#router.afterAttempt?.(attempt, this.#exchange)
    const decided = verdict ?? (error.retryable ? 'next' : 'fail')
    if (decided === 'next') this.#next++
    if (decided === 'fail' || this.#next >= this.#exchange.targets.length || this.#names.length >= 20) {
      return this.#end(error)
    }
    this.#queue.add(pause, () => this.#try())
  }

  #end(error: GatewayError | undefined): void {
    const { now } = this.#queue
    this.#outcome.endedAt = now
    this.#outcome.total = now - this.#beganAt
    if (error) {
      this.#outcome.error = error.code
      this.#exchange.error = error
    }
    this.#exchange.outcome = error ? 'failed' : 'ok'
    this.#router.onComplete?.(this.#exchange)
  }
}
