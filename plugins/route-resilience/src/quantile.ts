const SAMPLES = 64
/** So many are needed before they say anything, and so often the answer is worked out anew. */
const EVERY = 16

/** The 95th percentile of the last samples. */
export class Quantile {
  readonly #samples = new Float64Array(SAMPLES)
  #count = 0
  #value: number | undefined

  /** Undefined until there are enough samples. */
  get p95(): number | undefined {
    return this.#value
  }

  add(sample: number): void {
    this.#samples[this.#count++ % SAMPLES] = sample
    if (this.#count % EVERY !== 0) return
    const sorted = this.#samples.slice(0, Math.min(this.#count, SAMPLES)).sort()
    this.#value = sorted[Math.floor(sorted.length * 0.95)]
  }
}
