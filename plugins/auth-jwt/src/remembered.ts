/** What is known until some moment, by key. When it is full, what came first goes first. */
export class Remembered<T> {
  readonly #size: number
  readonly #entries = new Map<string, { value: T; until: number }>()

  constructor(size: number) {
    this.#size = size
  }

  /** Undefined if it is not known, or no longer. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    if (Date.now() < entry.until) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  /** @param until milliseconds since the epoch */
  set(key: string, value: T, until: number): void {
    this.#entries.delete(key)
    if (this.#entries.size >= this.#size) this.#entries.delete(this.#entries.keys().next().value!)
    this.#entries.set(key, { value, until })
  }
}
