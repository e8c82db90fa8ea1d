import type { Logger } from '@sluice/core'
import type { Claim, Counters } from '@sluice/store-kit'

type Settlement = { lease: string; claims: readonly Claim[]; amounts: readonly number[] }

/** Settlements that wait for their counters. More than this are not remembered. */
const MOST = 10_000
/** Milliseconds between two tries, at first and at most. */
const [FIRST, LONGEST] = [500, 30_000]

/** Settlements that failed: tried again, in their order, until they succeed. Bounded; what is lost is told. */
export class Settlements {
  readonly #counters: Counters
  readonly #log: Logger
  readonly #waiting: Settlement[] = []
  #pause = FIRST
  #timer: NodeJS.Timeout | undefined
  #run: Promise<boolean> | undefined
  #lost = 0

  constructor(counters: Counters, log: Logger) {
    this.#counters = counters
    this.#log = log
  }

  add(settlement: Settlement): void {
    if (this.#waiting.length >= MOST) {
      if (this.#lost++ === 0) this.#log.error('too many reservations wait to be settled: further ones are lost')
      return
    }
    this.#waiting.push(settlement)
    this.#schedule()
  }

  /** Tries all of them once more, and no longer than until one fails. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#settle()
    const lost = this.#waiting.length + this.#lost
    if (lost > 0) this.#log.error({ reservations: lost }, 'reservations could not be settled before the end')
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => void this.#retry(), this.#pause).unref()
  }

  async #retry(): Promise<void> {
    const done = await this.#settle()
    this.#timer = undefined
    this.#pause = done ? FIRST : Math.min(this.#pause * 2, LONGEST)
    if (!done) return this.#schedule()
    if (this.#lost > 0) this.#log.error({ reservations: this.#lost }, 'reservations were lost unsettled')
    this.#lost = 0
  }

  /** Whether none is left. */
  #settle(): Promise<boolean> {
    return (this.#run ??= this.#settleAll().finally(() => (this.#run = undefined)))
  }

  async #settleAll(): Promise<boolean> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      try {
        await this.#counters.settle(next.lease, next.claims, next.amounts)
      } catch {
        return false
      }
      this.#waiting.shift()
    }
    return true
  }
}
