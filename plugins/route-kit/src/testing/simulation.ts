import { DEFAULT_TIMEOUTS, parseTarget } from '@sluice/core'
import type { Target, Timeouts } from '@sluice/core'
import type { RouteClock } from '../clock.ts'
import { EventQueue } from './event-queue.ts'
import { Life } from './life.ts'
import type { SimulatedRouter } from './life.ts'
import { seededRandom } from './random.ts'
import { Report } from './report.ts'
import type { Outcome } from './report.ts'
import { simulatedExchange } from './simulated-exchange.ts'
import type { ExchangeGiven } from './simulated-exchange.ts'
import { SimulatedUpstream } from './simulated-upstream.ts'
import type { Behaviour } from './simulated-upstream.ts'

export interface Traffic {
  router: SimulatedRouter
  /** By `provider/model`. */
  upstreams: { readonly [target: string]: Behaviour }
  /** With their traits; those of `upstreams`, in their order, if absent. */
  targets?: readonly Target[]
  /** Exchanges a second, at chance intervals. */
  rate: number
  /** Milliseconds in which they arrive. */
  duration: number
  /** The exchange with this number. */
  request?: (number: number, random: () => number) => ExchangeGiven
  timeouts?: Partial<Timeouts>
  /** What else happens, by the millisecond from the beginning. */
  events?: readonly { at: number; run: () => void }[]
}

/**
 * Routing in virtual time: chance is seeded, and a minute takes as long as its events do. It follows the kernel:
 * the attempts of an exchange, the order of hooks, targets that handlers replace.
 */
export class Simulation {
  /** For the router. */
  readonly clock: RouteClock
  readonly random: () => number
  readonly #queue = new EventQueue()
  #offset = 0

  constructor({ seed = 1 }: { seed?: number } = {}) {
    this.random = seededRandom(seed)
    this.clock = { now: () => this.#queue.now + this.#offset, random: seededRandom(seed + 1) }
  }

  /** The clock goes so many milliseconds forward or back at once; what is under way takes as long as it takes. */
  jump(milliseconds: number): void {
    this.#offset += milliseconds
  }

  /** Sends traffic until all of it is answered. Virtual time goes on where it stood. */
  run({ router, upstreams, targets, rate, duration, request, timeouts, events = [] }: Traffic): Report {
    const outcomes: Outcome[] = []
    const behaving = new Map(
      Object.entries(upstreams).map(([name, given]) => [name, new SimulatedUpstream(given, this.random)]),
    )
    const all = targets ?? Object.keys(upstreams).map(parseTarget)
    const beginning = this.#queue.now
    for (const { at, run } of events) this.#queue.add(at, run)
    let number = 0
    const arrive = (): void => {
      if (this.#queue.now - beginning >= duration) return
      const exchange = simulatedExchange(request?.(number++, this.random))
      exchange.targets = all
      const life = new Life(this.#queue, this.clock, router, behaving, { ...DEFAULT_TIMEOUTS, ...timeouts })
      outcomes.push(life.begin(exchange, beginning))
      next()
    }
    const next = (): void => this.#queue.add((-1000 / rate) * Math.log(1 - this.random()), arrive)
    next()
    this.#queue.drain()
    return new Report(outcomes)
  }
}
