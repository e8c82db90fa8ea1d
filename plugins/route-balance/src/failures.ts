import { MovingAverage } from './moving-average.ts'
import type { News } from './news.ts'

/** In a row: then the target is avoided. */
const MANY = 5
/** Milliseconds that it is avoided, at first and at most; and at most where it says itself for how long. */
const PAUSE = 1_000
const LONGEST_PAUSE = 15_000
const LONGEST_WISH = 60_000
/** Milliseconds, and the least weight of an attempt, of the rate of failures. */
const DECAY = 10_000
const FLOOR = 0.05

/** What went wrong with a target. It is avoided for a while after some failures in a row, or because it asked for it. */
export class Failures {
  readonly #rate = new MovingAverage(DECAY, { floor: FLOOR })
  #inRow = 0
  #pause = 0
  #pausedAt = 0
  /** Until when it is avoided: for its failures, and because it asked for it. */
  #until = 0
  #wishUntil = 0

  /** The part of the attempts that fail, 0 to 1. */
  rate(now: number): number {
    return this.#rate.faded(now)
  }

  /** Milliseconds for which others should be preferred; 0 for none. */
  avoided(now: number): number {
    return Math.max(left(this.#until, now), left(this.#wishUntil, now))
  }

  /** An attempt begins: if it is to find out whether the target is back, further ones wait for what comes of it. */
  begin(now: number): void {
    if (this.#inRow >= MANY) this.#until = now + this.#pause
  }

  /**
   * Attempts have ended, of one process since it told last. If any went well, the target is there; but a wish stands,
   * as what went well may have begun before it.
   */
  learn({ ok, bad, rest }: Pick<News, 'ok' | 'bad' | 'rest'>, now: number): void {
    const all = ok + bad
    if (all === 0) return
    this.#rate.add(bad / all, now, all)
    if (rest > 0) this.#wishUntil = now + Math.min(rest, LONGEST_WISH)
    if (ok > 0) {
      this.#inRow = 0
      this.#pause = 0
      this.#until = 0
      return
    }
    this.#inRow += bad
    if (this.#inRow < MANY) return
    // What failed together grows it once.
    if (this.#pause === 0 || Math.abs(now - this.#pausedAt) >= this.#pause) {
      this.#pause = Math.min(Math.max(PAUSE, 2 * this.#pause), LONGEST_PAUSE)
      this.#pausedAt = now
    }
    this.#until = now + this.#pause
  }
}

/** Milliseconds until a moment; none of it counts if it is farther away than any is set: then the clock was set back. */
function left(until: number, now: number): number {
  return until > now && until - now <= LONGEST_WISH ? until - now : 0
}
