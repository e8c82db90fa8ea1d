/** The background responses of a gateway. */
import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayError } from '@sluice/core'
import type { Exchange, Gateway, Logger } from '@sluice/core'
import type { Records } from './records.ts'
import { Run, TOO_LARGE } from './run.ts'
import type { RunBounds } from './run.ts'
import type { State } from './state.ts'

/** Milliseconds before each try to keep what came of a run. */
const TRIES = [0, 200, 1_000, 5_000]

/** `count`: at once. */
export type Bounds = RunBounds & { count: number }

export class Runs {
  readonly #live: Map<string, Run>
  readonly #records: Records
  readonly #bounds: Bounds
  readonly #gateway: Gateway
  readonly #log: Logger
  readonly #ending = new Set<Promise<void>>()

  /** @param live those under way in this process, also from before a reload of the config */
  constructor(live: Map<string, Run>, records: Records, bounds: Bounds, gateway: Gateway, log: Logger) {
    this.#live = live
    this.#records = records
    this.#bounds = bounds
    this.#gateway = gateway
    this.#log = log
  }

  find(id: string): Run | undefined {
    return this.#live.get(id)
  }

  /**
   * Keeps a record of what is about to run.
   * @throws GatewayError `rate_limit_exceeded` if too much is under way, `request_too_large`, `overloaded`
   */
  async prepare(exchange: Exchange, state: State): Promise<Run> {
    if (this.#live.size >= this.#bounds.count) {
      const message = `More than ${this.#bounds.count} background responses would be under way. Send the request again later.`
      throw new GatewayError('rate_limit_exceeded', message, { retryAfter: 10 })
    }
    const run = new Run(exchange, state, this.#bounds)
    this.#live.set(run.id, run)
    try {
      if (await this.#records.keep(run.record)) return run
      throw new GatewayError('request_too_large', `The conversation takes more than ${this.#bounds.size} bytes.`)
    } catch (error) {
      this.#live.delete(run.id)
      throw error
    }
  }

  begin(run: Run): void {
    const ended = run
      .answer(this.#gateway)
      .then(() => this.#keep(run))
      .finally(() => {
        this.#live.delete(run.id)
        this.#ending.delete(ended)
      })
    this.#ending.add(ended)
  }

  /** Of a run that never began. */
  async discard(run: Run): Promise<void> {
    this.#live.delete(run.id)
    await this.#records.remove(run.id)
  }

  /** Settles when what was begun here has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#ending)
  }

  async #keep(run: Run): Promise<void> {
    for (const pause of TRIES) {
      await sleep(pause)
      try {
        const record = await this.#records.read(run.id)
        // Deleted or cancelled meanwhile, perhaps by another process.
        if (record === undefined || record.response.status === 'cancelled') return
        if (await this.#records.keep(run.record)) return
        run.fail(new GatewayError('upstream_error', TOO_LARGE))
      } catch (err) {
        this.#log.warn({ response: run.id, err }, 'a background response could not be kept yet')
      }
    }
    this.#log.error({ response: run.id }, 'a background response is lost: it could not be kept')
  }
}
