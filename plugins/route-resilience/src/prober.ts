/** Asks targets for a few tokens now and then, so that clients need not find out how they are. */
import { parseTarget } from '@sluice/core'
import type { ChatRequest, Gateway, Principal, Target } from '@sluice/core'
import type { RouteClock } from '@sluice/route-kit'
import { PROBE } from './departure.ts'
import type { TargetsHealth } from './health.ts'

export interface ProberSettings {
  /** `provider/model` */
  targets: readonly string[]
  /** Milliseconds. */
  interval: number
  timeout: number
  gateway: Gateway
  health: TargetsHealth
  clock: RouteClock
}

/** Whom logs and the ledger show. It has no key, no team and no permission. */
const PROBER: Principal = Object.freeze({ id: 'health-probe', name: 'Health probe' })
/** Some models refuse to be asked for less. */
const TOKENS = 16

export class Prober {
  readonly #settings: ProberSettings
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #stopped = new AbortController()

  constructor(settings: ProberSettings) {
    this.#settings = settings
  }

  /** Not all at once, and not in step with other processes. */
  start(): void {
    const { targets, interval, clock } = this.#settings
    for (const name of targets) this.#later(name, clock.random() * interval)
  }

  stop(): void {
    this.#stopped.abort()
    for (const timer of this.#timers) clearTimeout(timer)
  }

  /** Asks the target, if there is something to find out. Never rejects. */
  async probe(name: string): Promise<void> {
    const { gateway, timeout } = this.#settings
    if (!this.#isDue(parseTarget(name))) return
    const { signal } = this.#stopped
    await gateway
      .dispatch(question(name), { principal: PROBER, signal, begin: (exchange) => exchange.set(PROBE, timeout) })
      .catch(() => undefined) // the circuit breaker has been told
  }

  #later(name: string, delay: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void this.probe(name).then(() => {
        if (!this.#stopped.signal.aborted) this.#later(name, this.#settings.interval)
      })
    }, delay).unref()
    this.#timers.add(timer)
  }

  /** Not if clients keep asking, nor if it wants to be left alone, or an operator wants it. */
  #isDue(target: Target): boolean {
    const { health, clock } = this.#settings
    const { breaker } = health.of(target)
    const now = clock.now()
    return breaker.isClosed ? breaker.calls(now) === 0 : breaker.opened?.by === 'failures' || !breaker.isOpen(now)
  }
}

function question(model: string): ChatRequest {
  const parts = [{ type: 'text' as const, text: 'Answer with one word: ok' }]
  return {
    operation: 'chat',
    model,
    stream: false,
    messages: [{ role: 'user', parts }],
    maxTokens: TOKENS,
    extensions: {},
  }
}
