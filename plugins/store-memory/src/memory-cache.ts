type Entry = { value: Buffer; expires: number }

/** Bytes that a entry takes besides those that are kept. */
const OVERHEAD = 128

/** What all processes cache. When it is full, what was not asked for longest goes first. */
export class MemoryCache {
  #bound = Infinity
  readonly #now: () => number
  /** In the order in which they were used. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  /** @param now milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** @param bytes at most */
  bound(bytes: number): void {
    this.#bound = bytes
    this.#shrink()
  }

  get(key: string): Buffer | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.delete(key)
    if (entry.expires <= this.#now()) return undefined
    this.#add(key, entry)
    // A copy: who gets it may change it.
    return Buffer.from(entry.value)
  }

  /** @param ttl milliseconds */
  set(key: string, value: Uint8Array, ttl: number): void {
    this.delete(key)
    this.#add(key, { value: Buffer.from(value), expires: this.#now() + ttl })
    this.#shrink()
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    this.#bytes -= sizeOf(key, entry)
  }

  #add(key: string, entry: Entry): void {
    this.#entries.set(key, entry)
    this.#bytes += sizeOf(key, entry)
  }

  #shrink(): void {
    for (const key of this.#entries.keys()) {
      if (this.#bytes <= this.#bound) return
      this.delete(key)
    }
  }
}

const sizeOf = (key: string, { value }: Entry): number => 2 * key.length + value.length + OVERHEAD
