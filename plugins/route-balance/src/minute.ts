/** Milliseconds of a slot, and slots of a minute. */
const SLOT = 5_000
const SLOTS = 12

/** What was counted in the last minute, in steps of 5 s: up to 5 s longer than a minute, never shorter. */
export class Minute {
  // No typed array: its memory is elsewhere, and there are many minutes.
  readonly #slots: number[] = Array.from({ length: SLOTS + 1 }, () => 0)
  /** Number of the newest slot, since the clock began. */
  #newest = 0
  #sum = 0

  /** What has been counted until now. */
  used(now: number): number {
    this.#advance(now)
    return this.#sum
  }

  /** @param amount less than 0 takes back what was counted too much, as far as it still counts */
  add(amount: number, now: number): void {
    this.#advance(now)
    if (amount < 0) return this.#takeBack(-amount)
    this.#slots[placeOf(this.#newest)]! += amount
    this.#sum += amount
  }

  /** No slot has less than nothing: it would make room as soon as what it takes back has expired. */
  #takeBack(amount: number): void {
    let left = amount
    for (let slot = this.#newest; left > 0 && slot >= this.#newest - SLOTS; slot--) {
      const taken = Math.min(left, this.#slots[placeOf(slot)]!)
      this.#slots[placeOf(slot)]! -= taken
      this.#sum -= taken
      left -= taken
    }
  }

  /** Milliseconds until no more than `most` of it is left. */
  wait(most: number, now: number): number {
    this.#advance(now)
    let left = this.#sum
    if (left <= most) return 0
    for (let slot = this.#newest - SLOTS; slot <= this.#newest; slot++) {
      left -= this.#slots[placeOf(slot)]!
      if (left <= most) return (slot + SLOTS + 1) * SLOT - now
    }
    return Infinity
  }

  #advance(now: number): void {
    const newest = Math.floor(now / SLOT)
    if (newest === this.#newest) return
    if (newest < this.#newest || newest - this.#newest > SLOTS) {
      // After a minute, or on a clock that was set back, nothing of it is left.
      this.#slots.fill(0)
      this.#sum = 0
    } else {
      for (let slot = this.#newest + 1; slot <= newest; slot++) {
        this.#sum -= this.#slots[placeOf(slot)]!
        this.#slots[placeOf(slot)] = 0
      }
    }
    this.#newest = newest
  }
}

/** Slots are used in turn. */
function placeOf(slot: number): number {
  const turns = SLOTS + 1
  return ((slot % turns) + turns) % turns
}
