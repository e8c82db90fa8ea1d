/** Milliseconds until nothing is believed any more of a process that has not been heard. */
const SILENCE = 30_000

/** Attempts under way at a target: this process's own, and those that others have told of. */
export class InFlight {
  own = 0
  /** Those without a first byte, and the sum of the moments at which they began. */
  #waiting = 0
  #beganAt = 0
  #others: Map<string, { count: number; at: number }> | undefined
  #othersSum = 0
  #sweepAt = 0

  begin(now: number): void {
    this.own++
    this.#waiting++
    this.#beganAt += now
  }

  /** The first byte came, or none will. @param beganAt as `begin` was told */
  head(beganAt: number): void {
    this.#waiting--
    this.#beganAt = this.#waiting === 0 ? 0 : this.#beganAt - beganAt
  }

  end(): void {
    this.own--
  }

  /** Milliseconds that those without a first byte have waited, on average: what never answers shows here first. */
  age(now: number): number {
    return this.#waiting === 0 ? 0 : now - this.#beganAt / this.#waiting
  }

  heard(peer: string, count: number, now: number): void {
    this.#others ??= new Map()
    this.#others.set(peer, { count, at: now })
    this.#sum(now)
  }

  total(now: number): number {
    if (this.#others && (now >= this.#sweepAt || this.#sweepAt - now > SILENCE)) this.#sum(now)
    return this.own + this.#othersSum
  }

  #sum(now: number): void {
    this.#sweepAt = now + SILENCE / 3
    this.#othersSum = 0
    for (const [peer, { count, at }] of this.#others!) {
      if (count === 0 || Math.abs(now - at) > SILENCE) this.#others!.delete(peer)
      else this.#othersSum += count
    }
  }
}
