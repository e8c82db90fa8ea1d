import type { Claim, Counters } from './counters.ts'

/** What a lease leaves behind when it is settled: these amounts of its claims stay held, under a name of their own. */
export interface Rest {
  readonly lease: string
  readonly amounts: readonly number[]
}

/** Counters in another process, which `ChunkedCounters` takes chunks of. */
export interface RemoteCounters extends Counters {
  /**
   * @param amounts with a rest: what the claims came to so far, for good
   * @param rest is held on as if it had been reserved when the lease was; nothing is if there is such a lease already
   */
  settle(lease: string, claims: readonly Claim[], amounts: readonly number[], rest?: Rest): void | Promise<void>
}
