import type { JsonObject } from '@sluice/core'
import type { ListOptions, PutOptions, StoredRecord, Store } from '@sluice/store-kit'

/** JSON text, so that nobody's later changes reach it. `expires`: on the clock of `now`; Infinity for never. */
type Entry = { collection: string; id: string; text: string; expires: number }

export interface Bounds {
  /** Records at most. */
  records: number
  /** Bytes at most, two a character. */
  bytes: number
  /** Milliseconds. */
  now?: () => number
}

/** When it is full, the records that were put longest ago go first. */
export class MemoryStore implements Store {
  #bounds: Bounds
  readonly #now: () => number
  /** In the order in which they were put. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  constructor(bounds: Bounds) {
    this.#bounds = bounds
    this.#now = bounds.now ?? Date.now
  }

  /** This store with other bounds, from the next record on. */
  within(bounds: Bounds): this {
    this.#bounds = bounds
    return this
  }

  async get(collection: string, id: string): Promise<JsonObject | undefined> {
    const entry = this.#live(keyOf(collection, id))
    return entry && valueOf(entry)
  }

  async put(collection: string, id: string, value: JsonObject, { ttl }: PutOptions = {}): Promise<void> {
    const key = keyOf(collection, id)
    const text = JSON.stringify(value)
    this.#drop(key)
    this.#entries.set(key, { collection, id, text, expires: ttl === undefined ? Infinity : this.#now() + ttl })
    this.#bytes += sizeOf(key, text)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#bounds.records && this.#bytes <= this.#bounds.bytes) break
      this.#drop(oldest)
    }
  }

  async delete(collection: string, id: string): Promise<boolean> {
    const key = keyOf(collection, id)
    const found = this.#live(key) !== undefined
    this.#drop(key)
    return found
  }

  async list(collection: string, { after, limit = 100 }: ListOptions = {}): Promise<StoredRecord[]> {
    const now = this.#now()
    return [...this.#entries.values()]
      .filter((entry) => entry.collection === collection && entry.expires > now)
      .filter(({ id }) => after === undefined || id > after)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, Math.min(limit, 1000))
      .map((entry) => ({ id: entry.id, value: valueOf(entry) }))
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry && entry.expires <= this.#now()) {
      this.#drop(key)
      return undefined
    }
    return entry
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#bytes -= sizeOf(key, entry.text)
    this.#entries.delete(key)
  }
}

const keyOf = (collection: string, id: string): string => JSON.stringify([collection, id])
const sizeOf = (key: string, text: string): number => 2 * (key.length + text.length)
const valueOf = ({ text }: Entry): JsonObject => JSON.parse(text) as JsonObject
