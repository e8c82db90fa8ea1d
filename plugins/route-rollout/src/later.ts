import { describe } from '@sluice/core'
import type { Logger } from '@sluice/core'

/** Does work some time after it came up: once an interval at most, and again if it failed. */
export class Later {
  readonly #interval: number
  readonly #what: string
  readonly #work: () => Promise<void>
  readonly #log: Logger
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** @param what is written, for the log */
  constructor(interval: number, what: string, work: () => Promise<void>, log: Logger) {
    this.#interval = interval
    this.#what = what
    this.#work = work
    this.#log = log
  }

  /** There is something to do. */
  wake(): void {
    if (this.#timer === undefined && !this.#closed)
      this.#timer = setTimeout(() => void this.#run(), this.#interval).unref()
  }

  async #run(): Promise<void> {
    this.#timer = undefined
    try {
      await this.#work()
    } catch (error) {
      this.#log.debug({ reason: describe(error) }, `${this.#what} cannot be written yet`)
      this.wake()
    }
  }

  /** Does it a last time. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#work().catch((error: unknown) => {
      this.#log.warn({ reason: describe(error) }, `the last ${this.#what} are lost`)
    })
  }
}
