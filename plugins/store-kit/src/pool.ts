import type { Chunk } from './chunk.ts'
import type { Claim, Level } from './counters.ts'

/** Limits that chunks are taken of. Slots are few, and given back by whoever is done. */
export type PooledClaim = Extract<Claim, { kind: 'bucket' | 'window' }>

/** Milliseconds that a chunk is granted from, at most. */
export const LIFE = 750
/** Part of a bucket's period that it is, at most: what comes back meanwhile may be granted twice over. */
const PART_OF_PERIOD = 100
/** All chunks together are asked for as this part of what is left, and may be twice that when they come. */
const PART = 200
const MOST_PART = 100
/** Claims that a chunk holds at least. */
const CLAIMS = 10
/** What must be left for each unit that is claimed. Below it, a limit is too near for a chunk. */
const FAR = PART * CLAIMS
/** How much larger than what was in use of the one before. */
const GROWTH = 4
/** More chunks of a key than there may be. */
const MANY = 1_000_000

/** What a process knows of a key, and the chunk of it that it has. */
export class Pool {
  readonly terms: PooledClaim
  /** Counts the chunks that are held of the key, in whatever process. */
  readonly marker: Claim
  /** Milliseconds that a chunk is granted from. */
  readonly life: number
  chunk: Chunk | undefined
  /** Settle when a chunk that has been asked for is here, and when the last one was given back. */
  asking: Promise<void> | undefined
  returning: Promise<void> | undefined
  /** When a claim was granted elsewhere (on the clock of `performance`). */
  grantedAt = -Infinity
  /** Until when there are no chunks of others. */
  aloneUntil = -Infinity
  /** What is left elsewhere, as last heard, and who has chunks, with this process. */
  #remaining = 0
  #sharers = 1

  constructor(claim: PooledClaim) {
    const { kind, key } = claim
    this.terms = claim
    this.marker = { kind: 'slots', key: `chunks|${kind}|${key}`, amount: 1, limit: MANY }
    this.life = kind === 'bucket' ? Math.min(LIFE, claim.period / PART_OF_PERIOD) : LIFE
  }

  /** Whether a claim is on the same limit. */
  isOf(claim: PooledClaim): boolean {
    const { terms } = this
    if (claim.limit !== terms.limit) return false
    if (claim.kind === 'bucket') return terms.kind === 'bucket' && claim.period === terms.period
    return terms.kind === 'window' && claim.until === terms.until
  }

  /** The chunk that so much can be granted from. */
  chunkFor(amount: number, now: number): Chunk | undefined {
    const { chunk } = this
    return chunk !== undefined && chunk.free >= amount && this.isLive(now) ? chunk : undefined
  }

  /** Whether nothing was heard of it for so long that it can be forgotten. */
  isIdle(now: number): boolean {
    return !this.chunk && !this.asking && now > this.grantedAt + LIFE && now > this.aloneUntil
  }

  /** Whether its chunk is granted from. */
  isLive(now: number): boolean {
    const { chunk, terms } = this
    return chunk !== undefined && now < chunk.until && (terms.kind === 'bucket' || Date.now() < terms.until)
  }

  /** As it was elsewhere when the chunk was taken, less what was used of that. */
  level(): Level {
    const { chunk, terms } = this
    const { limit } = terms
    const remaining = Math.min(Math.max(0, this.#remaining + (chunk ? chunk.free : 0)), limit)
    if (remaining === limit) return { remaining, reset: 0 }
    const reset =
      terms.kind === 'window'
        ? Math.max(0, terms.until - Date.now())
        : Math.ceil((limit - remaining) * (terms.period / limit))
    return { remaining, reset }
  }

  /** Notes what is left elsewhere. */
  heard({ remaining }: Level): void {
    this.#remaining = remaining
  }

  /** Notes what was given back of a chunk. */
  gaveBack(units: number): void {
    this.#remaining += Math.max(0, units)
  }

  /** Notes how many chunks there are, with those of this process. */
  heardOfChunks({ remaining }: Level): void {
    const ours = this.chunk ? 1 : 0
    this.#sharers = Math.max(1, MANY - remaining - ours)
  }

  /** How large a chunk should be for claims of this amount, or 0 if the limit is too near for one. */
  sizeFor(amount: number): number {
    const least = CLAIMS * amount
    const most = this.#share(this.#remaining, PART)
    return most < least ? 0 : Math.min(most, Math.max(least, GROWTH * (this.chunk ? this.chunk.peak : 0)))
  }

  /** Whether a chunk that was just taken is a small part of what is left. */
  isFit(size: number): boolean {
    return size <= this.#share(this.#remaining + size, MOST_PART)
  }

  #share(units: number, part: number): number {
    return Math.floor(units / part / this.#sharers)
  }
}

/** Whether chunks may be held of the limit of a claim. */
export function isPooled(claim: Claim): claim is PooledClaim {
  return claim.kind !== 'slots' && claim.limit >= FAR
}

/** Whether a limit of which so much is left is so far from a claim that a chunk may be taken of it. */
export function isFar({ amount }: Claim, { remaining }: Level): boolean {
  return amount > 0 && remaining >= amount * FAR
}
