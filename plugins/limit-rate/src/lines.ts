/** Requests that wait until a limit lets them in, one line for each counter. */
import type { Exchange, GatewayError } from '@sluice/core'
import type { Priority } from '@sluice/limit-kit'
import type { Claim } from '@sluice/store-kit'
import type { Queue } from './count.ts'

/** What came of a try: undefined if it was let in, else why not, and when to try again (milliseconds). */
export type Refused = { error: GatewayError; retryAfter: number } | undefined

export interface Waiter {
  exchange: Exchange
  priority: Priority
  /** What it is told if its time is over before it was tried. */
  refusal: GatewayError
  try(): Refused | Promise<Refused>
}

type Waiting = Waiter & { rank: number; leave(error?: unknown): void }

const RANKS: { readonly [P in Priority]: number } = { high: 0, normal: 1, low: 2 }
/** What other processes give back nobody tells: it is looked for at least so often (milliseconds). */
const LOOK = 500

/** All lines of a plugin instance. */
export class Lines {
  readonly #lines = new Map<string, Line>()

  /** Whether somebody waits for one of the counters already: whoever comes later has to wait behind. */
  waitedFor(claims: readonly Claim[]): number {
    if (this.#lines.size === 0) return -1
    return claims.findIndex(({ key }) => this.#lines.has(key))
  }

  /**
   * Settles when the request is let in; within a class the first come is the first.
   * @throws the refusal if the line is full, the time is over or a try says that waiting is no use
   */
  wait(key: string, queue: Queue, waiter: Waiter): Promise<void> {
    let line = this.#lines.get(key)
    if (!line) {
      line = new Line(() => this.#lines.delete(key))
      this.#lines.set(key, line)
    }
    return line.join(queue, waiter)
  }

  /** Something may have been given back. */
  wake(claims: readonly Claim[]): void {
    if (this.#lines.size === 0) return
    for (const { key } of claims) {
      // A portion of a divided limit is named after it.
      const line = this.#lines.get(key) ?? this.#lines.get(key.slice(0, key.lastIndexOf('|')))
      line?.wake()
    }
  }
}

class Line {
  readonly #waiting: Waiting[] = []
  readonly #onEmpty: () => void
  #timer: NodeJS.Timeout | undefined
  #isServing = false
  #wasWoken = false

  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty
  }

  join({ max, timeout }: Queue, waiter: Waiter): Promise<void> {
    if (this.#waiting.length >= max) return Promise.reject(waiter.refusal)
    const { exchange } = waiter
    if (exchange.aborted) return Promise.reject(exchange.aborted)
    return new Promise<void>((resolve, reject) => {
      const { signal } = exchange
      const abort = (): void => waiting.leave(exchange.aborted)
      const timer = setTimeout(() => waiting.leave(waiting.refusal), timeout)
      const waiting: Waiting = {
        ...waiter,
        rank: RANKS[waiter.priority],
        leave: (error) => {
          clearTimeout(timer)
          signal.removeEventListener('abort', abort)
          this.#remove(waiting)
          if (error === undefined) resolve()
          else reject(error)
        },
      }
      signal.addEventListener('abort', abort, { once: true })
      let place = this.#waiting.length
      while (place > 0 && this.#waiting[place - 1]!.rank > waiting.rank) place--
      this.#waiting.splice(place, 0, waiting)
      if (place === 0) this.wake()
    })
  }

  wake(): void {
    clearTimeout(this.#timer)
    this.#wasWoken = true
    if (!this.#isServing) void this.#serve()
  }

  /** Lets in whoever is first, again and again, until one has to wait. */
  async #serve(): Promise<void> {
    this.#isServing = true
    while (this.#wasWoken) {
      this.#wasWoken = false
      for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
        const retryAfter = await tryOut(first)
        if (retryAfter === undefined) continue
        this.#timer = setTimeout(() => this.wake(), Math.min(retryAfter, LOOK))
        break
      }
    }
    this.#isServing = false
  }

  #remove(waiting: Waiting): void {
    const place = this.#waiting.indexOf(waiting)
    if (place < 0) return
    this.#waiting.splice(place, 1)
    if (this.#waiting.length === 0) {
      clearTimeout(this.#timer)
      this.#onEmpty()
    } else if (place === 0) this.wake()
  }
}

/** Milliseconds until it is to be tried again; undefined if it has left the line. */
async function tryOut(waiting: Waiting): Promise<number | undefined> {
  try {
    const refused = await waiting.try()
    if (!refused) waiting.leave()
    else if (refused.retryAfter === Infinity) waiting.leave(refused.error)
    else {
      waiting.refusal = refused.error
      return refused.retryAfter
    }
  } catch (error) {
    waiting.leave(error)
  }
  return undefined
}
