/** The time limits of one call: one timer, re-armed when it fires, never per chunk. */
import { GatewayError } from '@sluice/core'
import type { Timeouts } from '@sluice/core'

/** The longest time a timer of Node takes, in milliseconds; above it, it would fire at once. */
const LONGEST = 2 ** 31 - 1

/** A stream is looked at so often in an idle period, so that silence is found at most a quarter of it late. */
const LOOKS = 4

export class CallClock {
  readonly #limits: Timeouts
  readonly #onTimeout: (error: GatewayError) => void
  readonly #startedAt = performance.now()
  /** When something came, as far as the timer has noticed: asking the clock for each chunk would cost too much. */
  #touchedAt = this.#startedAt
  #touched = false
  /** Which limit runs beside `total`. */
  #phase: 'firstByte' | 'idle' | undefined
  #paused = false
  #timer: NodeJS.Timeout

  /** @param stream whether a stream was asked for, so that `firstByte` runs from the start */
  constructor(limits: Timeouts, stream: boolean, onTimeout: (error: GatewayError) => void) {
    this.#limits = limits
    this.#onTimeout = onTimeout
    this.#phase = stream ? 'firstByte' : undefined
    const first = stream ? Math.min(limits.firstByte, limits.idle / LOOKS, limits.total) : limits.total
    this.#timer = setTimeout(() => this.#check(), Math.max(1, Math.min(LONGEST, first)))
  }

  /** Something came. */
  touch(): void {
    this.#touched = true
  }

  /** The answer is no stream: only `total` counts. */
  wholeAnswer(): void {
    this.#phase = undefined
  }

  /** The stream has begun: from now on silence counts. */
  firstByte(): void {
    const isUnexpected = this.#phase === undefined
    this.#phase = 'idle'
    this.touch()
    if (isUnexpected) this.#arm()
  }

  /** While the client is slow, silence is not the upstream's fault. */
  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.touch()
    this.#arm()
  }

  /** It is over. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const pause = this.#phase === undefined ? Number.POSITIVE_INFINITY : this.#limits.idle / LOOKS
    this.#timer = setTimeout(() => this.#check(), Math.max(1, Math.min(LONGEST, pause, ...this.#left())))
  }

  /** Milliseconds left of `total` and of the phase's limit. */
  #left(): [total: number, phase: number] {
    const now = performance.now()
    if (this.#touched) this.#touchedAt = now
    this.#touched = false
    const { total, idle, firstByte } = this.#limits
    const left = total - (now - this.#startedAt)
    if (this.#phase === 'firstByte') return [left, firstByte - (now - this.#startedAt)]
    return [left, this.#phase === 'idle' && !this.#paused ? idle - (now - this.#touchedAt) : Number.POSITIVE_INFINITY]
  }

  #check(): void {
    const [total, phase] = this.#left()
    if (total <= 0) return this.#onTimeout(late('did not finish', this.#limits.total))
    if (phase > 0) return this.#arm()
    this.#onTimeout(
      this.#phase === 'idle' ? late('fell silent', this.#limits.idle) : late('sent nothing', this.#limits.firstByte),
    )
  }
}

function late(what: string, limit: number): GatewayError {
  return new GatewayError('upstream_timeout', `The upstream ${what} within ${limit} ms.`)
}
