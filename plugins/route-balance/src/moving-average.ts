/** An average in which what was seen fades with time. Undefined until something is seen. */
export class MovingAverage {
  readonly #decay: number
  readonly #floor: number
  readonly #isPeak: boolean
  #value: number | undefined
  #at = 0

  /**
   * @param decay milliseconds until what was seen counts for a third
   * @param floor least weight of what is seen last, so that many at once count for more than the time they took
   * @param isPeak whether what is above the average replaces it: it rises at once and falls slowly
   */
  constructor(decay: number, { floor = 0, isPeak = false }: { floor?: number; isPeak?: boolean } = {}) {
    this.#decay = decay
    this.#floor = floor
    this.#isPeak = isPeak
  }

  get value(): number | undefined {
    return this.#value
  }

  /** @param times how often it was seen at once */
  add(sample: number, now: number, times = 1): void {
    const before = this.#value
    if (before === undefined || (this.#isPeak && sample > before)) this.#value = sample
    else {
      const weight = Math.max(1 - (1 - this.#floor) ** times, 1 - this.#keep(now))
      this.#value = before + (sample - before) * weight
    }
    this.#at = now
  }

  /** The value, if nothing but zeros had been seen since. */
  faded(now: number): number {
    return this.#value === undefined ? 0 : this.#value * this.#keep(now)
  }

  /** A clock that was set back begins anew. */
  #keep(now: number): number {
    if (now < this.#at) this.#at = now
    return Math.exp((this.#at - now) / this.#decay)
  }
}
