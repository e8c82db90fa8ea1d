/** Ends of leases on their way to a server. */
import { GatewayError } from '@sluice/core'
import type { CounterServer, End } from './leased-counters.ts'

/** `since`: when the lease ended, on the clock of `performance`. */
type Waiting = { end: End; since: number }

/** Ends that one call tells. */
const BATCH = 100
/** Ends that may wait for the server to hear of them, and how long: shorter than it remembers those it heard of. */
const WAITING = 10_000
const PATIENCE = 240_000

/** Those of one turn of the event loop are told together; what the server did not hear is told again when it is asked for. */
export class Ends {
  readonly #server: CounterServer
  readonly #onError: (error: unknown) => void
  readonly #waiting = new Map<string, Waiting>()
  #batch: End[] = []
  #told: Promise<void> | undefined

  /** @param onError told what is given up because the server will never take it */
  constructor(server: CounterServer, onError: (error: unknown) => void) {
    this.#server = server
    this.#onError = onError
  }

  /** Whether the server has still to hear of the end. */
  has(lease: string): boolean {
    return this.#waiting.has(lease)
  }

  /** Settles when the server has heard of it, and rejects if it did not: then it is left to `tellAgain`. */
  tell(end: End): Promise<void> {
    this.#waiting.set(end.lease, { end, since: performance.now() })
    this.#batch.push(end)
    return (this.#told ??= new Promise(setImmediate).then(() => this.#tellBatch()))
  }

  /** Leaves it to `tellAgain`, unless too many wait. */
  tellLater(end: End): void {
    if (this.#waiting.size < WAITING) this.#waiting.set(end.lease, { end, since: performance.now() })
  }

  /** @throws GatewayError if the server is out of reach: it is told the rest the next time */
  async tellAgain(): Promise<void> {
    const now = performance.now()
    const ends: End[] = []
    for (const [lease, { end, since }] of this.#waiting) {
      if (now - since < PATIENCE) ends.push(end)
      else this.#waiting.delete(lease)
    }
    for (const some of batches(ends)) await this.#tell(some).catch((error: unknown) => this.#tellEach(some, error))
  }

  async #tellBatch(): Promise<void> {
    const ends = this.#batch
    this.#batch = []
    this.#told = undefined
    await Promise.all(
      batches(ends).map(async (some) => {
        try {
          await this.#tell(some)
        } catch (error) {
          if (this.#waiting.size > WAITING) this.#forget(some)
          throw error
        }
      }),
    )
  }

  /** One of them is what the server does not take. */
  async #tellEach(ends: readonly End[], error: unknown): Promise<void> {
    if (GatewayError.is(error)) throw error
    for (const end of ends) {
      try {
        await this.#tell([end])
      } catch (reason) {
        if (GatewayError.is(reason)) throw reason
        this.#onError(reason)
        this.#forget([end])
      }
    }
  }

  async #tell(ends: readonly End[]): Promise<void> {
    await this.#server.settle(ends)
    this.#forget(ends)
  }

  #forget(ends: readonly End[]): void {
    for (const { lease } of ends) this.#waiting.delete(lease)
  }
}

function batches(ends: readonly End[]): End[][] {
  const all: End[][] = []
  for (let i = 0; i < ends.length; i += BATCH) all.push(ends.slice(i, i + BATCH))
  return all
}
