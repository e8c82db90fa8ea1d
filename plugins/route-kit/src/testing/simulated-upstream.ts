import { GatewayError } from '@sluice/core'
import { always, logNormal } from './random.ts'
import type { Distribution } from './random.ts'

/**
 * A time in which an upstream does not do as usual. `down` refuses at once, `hanging` never answers, `slow` takes
 * `factor` times as long, `failing` errs at `errorRate`.
 */
export type Trouble = { from: number; until: number } & (
  | { kind: 'down' | 'hanging' }
  | { kind: 'slow'; factor: number }
  | { kind: 'failing'; errorRate: number }
)

/** How an upstream behaves. Times are milliseconds. */
export interface Behaviour {
  /** Until the first byte of a stream. Default: about 300. */
  ttft?: Distribution
  /** From there to the end. Default: 0. */
  rest?: Distribution
  /** Tokens of output. Default: 100. */
  tokens?: Distribution
  /** 0 to 1: answers that are 500 in place of a success. */
  errorRate?: number
  /** Until an error is told. Default: 20. */
  errorLatency?: Distribution
  /** Beyond these it answers 429 with `retry-after`. */
  requestsPerMinute?: number
  tokensPerMinute?: number
  /** Calls at once; beyond, it answers 503. */
  concurrency?: number
  trouble?: readonly Trouble[]
}

/** What comes of a call: Infinity is never. */
export type Fate = { firstByte: number; end: number; tokens: number; error?: GatewayError }

export class SimulatedUpstream {
  readonly #behaviour: Behaviour
  readonly #random: () => number
  #inFlight = 0
  #requests: Allowance
  #tokens: Allowance

  constructor(behaviour: Behaviour, random: () => number) {
    this.#behaviour = behaviour
    this.#random = random
    this.#requests = new Allowance(behaviour.requestsPerMinute)
    this.#tokens = new Allowance(behaviour.tokensPerMinute)
  }

  /** A call begins. @param now virtual milliseconds @param inputTokens of the request */
  call(now: number, inputTokens: number): Fate {
    const { ttft = logNormal(300, 0.3), rest = always(0), tokens = always(100) } = this.#behaviour
    const { errorLatency = always(20), concurrency = Infinity } = this.#behaviour
    const random = this.#random
    const fails = (status: number, retryAfter?: number): Fate => {
      const after = errorLatency(random)
      return { firstByte: after, end: after, tokens: 0, error: fault(status, retryAfter) }
    }
    const trouble = this.#behaviour.trouble?.find(({ from, until }) => from <= now && now < until)
    const output = Math.round(tokens(random))
    this.#inFlight++
    if (trouble?.kind === 'down') return fails(503)
    if (trouble?.kind === 'hanging') return { firstByte: Infinity, end: Infinity, tokens: 0 }
    if (this.#inFlight > concurrency) return fails(503)
    const wait = Math.max(this.#requests.wait(now, 1), this.#tokens.wait(now, inputTokens + output))
    if (wait > 0) return fails(429, wait / 1000)
    this.#requests.take(1)
    this.#tokens.take(inputTokens + output)
    const errorRate = trouble?.kind === 'failing' ? trouble.errorRate : (this.#behaviour.errorRate ?? 0)
    if (random() < errorRate) return fails(500)
    const factor = trouble?.kind === 'slow' ? trouble.factor : 1
    const firstByte = ttft(random) * factor
    return { firstByte, end: firstByte + rest(random) * factor, tokens: output }
  }

  /** A call is over. */
  release(): void {
    this.#inFlight--
  }
}

/** A token bucket that holds a minute's worth. */
class Allowance {
  readonly #limit: number
  #left: number
  #filledAt = 0

  constructor(limit = Infinity) {
    this.#limit = limit
    this.#left = limit
  }

  /** Milliseconds until there is so much. */
  wait(now: number, amount: number): number {
    if (this.#limit === Infinity) return 0
    const perMs = this.#limit / 60_000
    this.#left = Math.min(this.#limit, this.#left + (now - this.#filledAt) * perMs)
    this.#filledAt = now
    return Math.max(0, (Math.min(amount, this.#limit) - this.#left) / perMs)
  }

  take(amount: number): void {
    this.#left -= amount
  }
}

function fault(status: number, retryAfter?: number): GatewayError {
  const code = status === 429 ? 'rate_limit_exceeded' : 'upstream_error'
  return new GatewayError(code, `The provider answered with HTTP status ${status}.`, {
    upstream: { status },
    ...(retryAfter !== undefined && { retryAfter }),
  })
}
