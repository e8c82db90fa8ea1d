/** What became of one exchange. Moments and times are virtual milliseconds. */
export interface Outcome {
  at: number
  endedAt: number
  /** Target by target, as they were called. */
  attempts: readonly string[]
  /** The target that answered; undefined if the client saw an error. */
  served: string | undefined
  /** Code of the error that the client saw. */
  error: string | undefined
  /** From the client's request to the first byte of the answer, failed attempts included. */
  ttft: number
  total: number
}

/** What a simulation came to. */
export class Report {
  readonly outcomes: readonly Outcome[]

  constructor(outcomes: readonly Outcome[]) {
    this.outcomes = outcomes
  }

  /** Of the exchanges that began in a time. */
  between(from: number, until = Infinity): Report {
    return new Report(this.outcomes.filter(({ at }) => from <= at && at < until))
  }

  /** Exchanges whose client saw an error. */
  get errors(): number {
    return this.outcomes.filter(({ error }) => error !== undefined).length
  }

  get errorRate(): number {
    return this.errors / this.outcomes.length
  }

  /** Upstream calls beyond the first of each exchange. */
  get retries(): number {
    return this.outcomes.reduce((sum, { attempts }) => sum + Math.max(0, attempts.length - 1), 0)
  }

  /** The part of the exchanges that this target was the first choice for. */
  firstShare(target: string): number {
    return this.#part(({ attempts }) => attempts[0] === target)
  }

  /** The part of the exchanges that this target answered. */
  share(target: string): number {
    return this.#part(({ served }) => served === target)
  }

  /** Upstream calls of a target. */
  calls(target: string): number {
    return this.outcomes.reduce((sum, { attempts }) => sum + attempts.filter((each) => each === target).length, 0)
  }

  /** Milliseconds that so large a part (0 to 1) of the answered exchanges took at most. */
  percentile(part: number, of: 'total' | 'ttft' = 'total'): number {
    const times = this.outcomes.filter(({ error }) => error === undefined).map((outcome) => outcome[of])
    times.sort((a, b) => a - b)
    return times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? NaN
  }

  #part(test: (outcome: Outcome) => boolean): number {
    return this.outcomes.filter(test).length / this.outcomes.length
  }
}
