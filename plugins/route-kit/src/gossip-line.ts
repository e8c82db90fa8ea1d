import type { RouteClock } from './clock.ts'
import type { SharedState, SharedStateOptions } from './shared-state.ts'

/** Milliseconds between two messages of one process. */
const INTERVAL = 500
/** Values that wait to be told; and those that go in one message. */
const MOST = 10_000
const PIECE = 1_000
/** Processes whose last number is remembered. */
const PEERS = 10_000

/** `number` grows with each message of a peer: the same one may come on two ways. */
export type GossipMessage<T> = { peer: string; number: number; values: [key: string, value: T][] }

/** Gathers what is told, and sorts out what is heard. */
export class GossipLine<T> implements SharedState<T> {
  readonly #options: SharedStateOptions<T>
  readonly #peer: string
  readonly #send: (message: GossipMessage<T>) => void
  readonly #clock: Pick<RouteClock, 'now'>
  readonly #waiting = new Map<string, T>()
  /** Of each peer, its last message. */
  readonly #numbers = new Map<string, number>()
  #number = 0
  #sentAt = -Infinity
  #timer: NodeJS.Timeout | undefined

  /** @param peer names this process, unlike any other */
  constructor(
    options: SharedStateOptions<T>,
    peer: string,
    send: (message: GossipMessage<T>) => void,
    clock: Pick<RouteClock, 'now'>,
  ) {
    this.#options = options
    this.#peer = peer
    this.#send = send
    this.#clock = clock
  }

  tell(key: string, value: T): void {
    const earlier = this.#waiting.get(key)
    const options = this.#options
    if (earlier === undefined && this.#waiting.size >= MOST) return
    this.#waiting.set(key, earlier !== undefined && options.combine ? options.combine(earlier, value) : value)
    if (this.#timer) return
    const pause = Math.max(0, this.#sentAt + INTERVAL - this.#clock.now())
    this.#timer = setTimeout(() => this.#flush(), pause).unref()
  }

  #flush(): void {
    this.#timer = undefined
    this.#sentAt = this.#clock.now()
    const all = [...this.#waiting]
    this.#waiting.clear()
    for (let from = 0; from < all.length; from += PIECE) {
      const values = all.slice(from, from + PIECE)
      this.#send({ peer: this.#peer, number: ++this.#number, values })
    }
  }

  /** Takes a message, from whatever source. What is none is left out. */
  receive(message: unknown): void {
    if (!isMessage(message) || message.peer === this.#peer) return
    const { peer, number, values } = message
    if (number <= (this.#numbers.get(peer) ?? 0)) return
    // Who spoke last stands last, so that the silent ones are forgotten.
    this.#numbers.delete(peer)
    this.#numbers.set(peer, number)
    if (this.#numbers.size > PEERS) this.#numbers.delete(this.#numbers.keys().next().value!)
    const options = this.#options
    for (const entry of values) {
      if (!Array.isArray(entry)) continue
      const [key, value] = entry as readonly unknown[]
      if (typeof key === 'string' && options.accepts(value)) options.heard(key, value, peer)
    }
  }

  /** Tells what waits, and nothing after it. */
  close(): void {
    if (this.#timer) {
      clearTimeout(this.#timer)
      this.#flush()
    }
  }
}

function isMessage(value: unknown): value is { peer: string; number: number; values: unknown[] } {
  if (typeof value !== 'object' || value === null) return false
  const { peer, number, values } = value as { [field: string]: unknown }
  return typeof peer === 'string' && typeof number === 'number' && Array.isArray(values)
}
