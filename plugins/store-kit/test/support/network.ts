import { ChunkedCounters } from '../../src/index.ts'
import type { BucketTable, RemoteCounters } from '../../src/index.ts'

/** A process with counters that are elsewhere: its calls arrive in their order, each when it is let through. */
export class Process {
  readonly counters: ChunkedCounters
  /** Names of the calls that were made. */
  readonly calls: string[] = []
  readonly errors: unknown[] = []
  /** What calls reject with instead of being made. */
  trouble: Error | undefined
  isDead = false
  readonly #onTheWay: (() => void)[] = []
  readonly #arrivesAtOnce: boolean

  constructor(table: BucketTable, peer: string, arrivesAtOnce: boolean) {
    this.#arrivesAtOnce = arrivesAtOnce
    const remote: RemoteCounters = {
      reserve: (lease, claims) => this.#call('reserve', () => table.reserve(lease, claims, peer)),
      settle: (lease, claims, amounts, rest) => this.#call('settle', () => table.settle(lease, claims, amounts, rest)),
      read: (claims) => this.#call('read', () => table.read(claims)),
      reset: (key) => this.#call('reset', () => table.reset(key)),
    }
    this.counters = new ChunkedCounters(remote, (error) => this.errors.push(error))
  }

  /** Lets the first call through. @returns whether there was one */
  async deliver(): Promise<boolean> {
    const call = this.#onTheWay.shift()
    call?.()
    await settled()
    return call !== undefined
  }

  /** Nothing of it is heard any more. */
  die(): void {
    this.isDead = true
    this.#onTheWay.length = 0
    void this.counters.close()
  }

  #call<T>(name: string, run: () => T): Promise<T> {
    this.calls.push(name)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const arrive = (): void => {
      if (this.isDead) return
      if (this.trouble) return reject(this.trouble)
      try {
        resolve(run())
      } catch (error) {
        reject(error)
      }
    }
    if (this.#arrivesAtOnce) arrive()
    else this.#onTheWay.push(arrive)
    return promise
  }
}

/** Lets whatever waits for nothing else go on. */
export async function settled(): Promise<void> {
  await new Promise(setImmediate)
}
