/** Parts of the window: what is too old is forgotten a part at a time. */
const SLOTS = 10

/** Calls and failures among them in the last so many milliseconds, to a tenth. */
export class SlidingWindow {
  readonly #width: number
  readonly #calls = new Uint32Array(SLOTS)
  readonly #failures = new Uint32Array(SLOTS)
  #slot = 0
  #allCalls = 0
  #allFailures = 0

  constructor(span: number) {
    this.#width = span / SLOTS
  }

  add(isFailure: boolean, now: number): void {
    this.#turn(now)
    const slot = this.#slot % SLOTS
    this.#calls[slot]!++
    this.#allCalls++
    if (!isFailure) return
    this.#failures[slot]!++
    this.#allFailures++
  }

  calls(now: number): number {
    this.#turn(now)
    return this.#allCalls
  }

  /** 0 to 1; 0 if there were no calls. */
  errorRate(now: number): number {
    this.#turn(now)
    return this.#allCalls === 0 ? 0 : this.#allFailures / this.#allCalls
  }

  /** Whether more than this part fails, and that by more than chance: few calls must fail oftener than many. */
  isWorseThan(rate: number, now: number): boolean {
    return leastRate(this.errorRate(now), this.#allCalls) >= rate
  }

  clear(): void {
    this.#calls.fill(0)
    this.#failures.fill(0)
    this.#allCalls = 0
    this.#allFailures = 0
  }

  #turn(now: number): void {
    const slot = Math.floor(now / this.#width)
    if (slot <= this.#slot) return
    if (slot - this.#slot >= SLOTS) this.clear()
    else {
      for (let next = this.#slot + 1; next <= slot; next++) {
        const index = next % SLOTS
        this.#allCalls -= this.#calls[index]!
        this.#allFailures -= this.#failures[index]!
        this.#calls[index] = 0
        this.#failures[index] = 0
      }
    }
    this.#slot = slot
  }
}

/** Standard deviations that are put down to chance. */
const Z = 2

/** What the true rate is at least, where `rate` was seen in so many calls (lower bound of Wilson's interval). */
function leastRate(rate: number, calls: number): number {
  if (calls === 0) return 0
  const z2 = (Z * Z) / calls
  return (rate + z2 / 2 - Z * Math.sqrt((rate * (1 - rate)) / calls + z2 / (4 * calls))) / (1 + z2)
}
