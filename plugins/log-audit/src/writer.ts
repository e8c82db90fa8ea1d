/** Events on their way into the chain. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Audit, AuditEvent } from '@sluice/admin-kit'
import { describe, GatewayError } from '@sluice/core'
import type { Logger } from '@sluice/core'
import type { Chain } from './chain.ts'
import { entryOf } from './entry.ts'
import type { Entry } from './entry.ts'

/** Events that wait while the journal is out of reach, and those of a row, at most. */
const QUEUE = 5_000
const ROW = 100
/** Milliseconds between attempts to reach it again: doubled each time up to the second. */
const RETRY = [1_000, 30_000] as const
/** Milliseconds that events are gathered at most, when they come faster than they are written. */
const GATHER = 250

/** `settle` is told whether the event is durable. */
type Waiting = { entry: Entry; settle: (durable: boolean) => void }

export class Writer implements Audit {
  readonly #chain: Chain
  readonly #log: Logger
  readonly #queue: Waiting[] = []
  /** Being written; the same until that has succeeded. */
  #batch: Waiting[] = []
  #working: Promise<void> | undefined
  #lost = 0
  #pause: number = RETRY[0]
  #retry: NodeJS.Timeout | undefined
  #closed = false

  constructor(chain: Chain, log: Logger) {
    this.#chain = chain
    this.#log = log
  }

  /** Whether the last attempt to write failed. */
  get isDown(): boolean {
    return this.#retry !== undefined
  }

  /** Resolves when the event is durable, or waits for the journal to come back; never rejects. */
  async record(event: AuditEvent): Promise<void> {
    await this.add(event)
  }

  /** @returns whether the event is durable, and not merely waiting */
  add(event: AuditEvent): Promise<boolean> {
    if (this.#queue.length >= QUEUE) {
      this.#lost++
      return Promise.resolve(false)
    }
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#queue.push({ entry: entryOf(event, Date.now()), settle: resolve })
    if (this.isDown) resolve(false)
    else this.#work()
    return promise
  }

  /** @throws GatewayError `overloaded` if nothing could be recorded now */
  async assertReachable(): Promise<void> {
    try {
      if (this.isDown) throw new Error('it did not answer')
      await this.#chain.probe()
    } catch (cause) {
      const message = 'The audit trail cannot be written now, and nothing is changed without it. Try again later.'
      throw new GatewayError('overloaded', message, { cause, retryAfter: RETRY[1] / 1000 })
    }
  }

  /** Writes what waits, if that is possible. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#work()
    await this.#working
    const unwritten = this.#batch.length + this.#queue.length + this.#lost
    if (unwritten > 0) this.#log.error({ events: unwritten }, 'events are lost: the audit trail cannot be written')
  }

  #work(): void {
    this.#working ??= this.#drain().finally(() => (this.#working = undefined))
  }

  async #drain(): Promise<void> {
    for (;;) {
      if (this.#batch.length === 0) this.#batch = this.#queue.splice(0, ROW)
      if (this.#batch.length === 0) return
      const startedAt = performance.now()
      try {
        await this.#chain.add(this.#batch.map(({ entry }) => entry))
      } catch (error) {
        return this.#fail(error)
      }
      for (const { settle } of this.#batch) settle(true)
      this.#batch = []
      this.#recover()
      // Whoever writes without a pause would leave other processes none to get in.
      if (this.#queue.length > 0 && !this.#closed) await sleep(Math.min(GATHER, 2 * (performance.now() - startedAt)))
    }
  }

  #fail(error: unknown): void {
    for (const { settle } of [...this.#batch, ...this.#queue]) settle(false)
    if (this.#closed) return
    if (this.#pause === RETRY[0])
      this.#log.error({ err: error }, `the audit trail cannot be written, events wait: ${describe(error)}`)
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.#work()
    }, this.#pause).unref()
    this.#pause = Math.min(2 * this.#pause, RETRY[1])
  }

  #recover(): void {
    if (this.#pause !== RETRY[0]) this.#log.info('the audit trail is written again')
    this.#pause = RETRY[0]
    if (this.#lost === 0) return
    const lost = { action: 'audit.lost', actor: 'gateway', outcome: 'failed', details: { count: this.#lost } } as const
    this.#lost = 0
    this.#queue.push({ entry: entryOf(lost, Date.now()), settle: () => undefined })
  }
}
