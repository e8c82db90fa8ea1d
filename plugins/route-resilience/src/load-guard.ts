/** Refuses requests while the process has too much to do: those of low priority first, and not for a moment only. */
import { exchangeKey, GatewayError } from '@sluice/core'
import type { Exchange, Principal } from '@sluice/core'

export interface LoadLimits {
  /** Milliseconds of delay of the event loop; Infinity for none. */
  lag: number
  /** Requests at once; Infinity for none. */
  inFlight: number
  /** Seconds. */
  retryAfter: number
}

/** In the order in which they are given up. */
const CLASSES = ['low', 'normal', 'high'] as const
/** Of the bound, what low and normal requests may fill, and how much less there must be before they are taken again. */
const PARTS: readonly number[] = [0.8, 0.9]
const SLACK = 0.1
/** Of the bound, what the lag must come down to. */
const CALM = 0.7

const COUNTED = exchangeKey<true>('route-resilience/counted')

export class LoadGuard {
  readonly #limits: LoadLimits
  #inFlight = 0
  /** How many classes are given up, because of the one bound and the other. */
  #crowded = 0
  #late = 0

  constructor(limits: LoadLimits) {
    this.#limits = limits
  }

  /** How many classes are given up: 0 to 3. */
  get level(): number {
    return Math.max(this.#crowded, this.#late)
  }

  /** A request has come. @throws GatewayError `overloaded` if nobody is let in */
  enter(exchange: Exchange): void {
    // Who looks after the gateway must get in.
    if (exchange.operation === 'operator') return
    const bound = this.#limits.inFlight
    if (this.#inFlight >= bound) this.#crowded = CLASSES.length
    if (this.level === CLASSES.length) throw this.#refusal()
    exchange.set(COUNTED, true)
    this.#inFlight++
    while (this.#crowded < PARTS.length && this.#inFlight > Math.ceil(bound * PARTS[this.#crowded]!)) this.#crowded++
  }

  /** It is known whose it is. @throws GatewayError `overloaded` if its class is given up */
  check(exchange: Exchange): void {
    const { level } = this
    if (level === 0 || !exchange.get(COUNTED)) return
    if (CLASSES.indexOf(priorityOf(exchange.principal)) < level) throw this.#refusal()
  }

  leave(exchange: Exchange): void {
    if (!exchange.get(COUNTED)) return
    this.#inFlight--
    const bound = this.#limits.inFlight
    while (this.#crowded > 0 && this.#inFlight < bound * ((PARTS[this.#crowded - 1] ?? 1) - SLACK)) this.#crowded--
  }

  /** The event loop was so many milliseconds late lately. */
  sample(lag: number): void {
    if (lag > this.#limits.lag) this.#late = Math.min(CLASSES.length, this.#late + 1)
    else if (lag < this.#limits.lag * CALM) this.#late = Math.max(0, this.#late - 1)
  }

  #refusal(): GatewayError {
    const { retryAfter } = this.#limits
    const message = 'The gateway has too much to do at the moment. Try again shortly.'
    return new GatewayError('overloaded', message, { retryAfter })
  }
}

/** The class that the key has (section `limits`), or else what is above it. */
function priorityOf({ scopes = [] }: Principal): (typeof CLASSES)[number] {
  for (const { sections } of scopes) {
    const limits = sections['limits']
    const priority = typeof limits === 'object' && limits !== null && 'priority' in limits ? limits.priority : undefined
    const known = CLASSES.find((each) => each === priority)
    if (known) return known
  }
  return 'normal'
}
