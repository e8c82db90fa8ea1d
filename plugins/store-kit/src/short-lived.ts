/** Insertions after which the entries move. */
const LEAST = 64

/**
 * A map of what comes and goes with every request. V8 gives a `Map` a new table whenever additions and deletions have
 * filled the old one, and old tables keep all that was ever in them: once garbage collection has found one of them
 * alive, everything that passes through the map after it is kept until the next full collection. Here entries move to
 * another map, which nothing old refers to.
 */
export class ShortLived<K, V> {
  #entries = new Map<K, V>()
  #room = LEAST

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  set(key: K, value: V): void {
    if (this.#room-- === 0) this.#move()
    this.#entries.set(key, value)
  }

  delete(key: K): boolean {
    return this.#entries.delete(key)
  }

  values(): MapIterator<V> {
    return this.#entries.values()
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#entries[Symbol.iterator]()
  }

  #move(): void {
    this.#entries = new Map(this.#entries)
    this.#room = Math.max(LEAST, this.#entries.size)
  }
}
