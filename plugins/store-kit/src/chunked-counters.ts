import { ChunkKeeper } from './chunk-keeper.ts'
import type { Chunk } from './chunk.ts'
import type { Claim, Counters, Level, Reservation } from './counters.ts'
import { assertAmount, assertClaim } from './meter.ts'
import { isFar, isPooled, LIFE, Pool } from './pool.ts'
import type { PooledClaim } from './pool.ts'
import type { RemoteCounters } from './remote-counters.ts'
import { ShortLived } from './short-lived.ts'

type Now<T> = T | Promise<T>
/** Claims that were granted from chunks, in their order. */
type Grant = { readonly claims: readonly Claim[]; readonly chunks: readonly Chunk[] }

/** Milliseconds between two looks for chunks whose time is over, and after which all of one is given back at most. */
const LOOK = 250
const GIVEN_BACK = LIFE + LOOK

/**
 * Grants claims on keys that are far from their limits at once, from chunks that were taken of them elsewhere. What is
 * granted was taken before, so that it is never more than the limit. Chunks are about a hundredth of what is left at
 * most, all together, and given back within a second; as long as there are some of a key, a refusal says to ask again after
 * that. Near a limit, and of slots, every claim is made elsewhere. Levels are up to a second old.
 */
export class ChunkedCounters implements Counters {
  readonly #remote: RemoteCounters
  readonly #keeper: ChunkKeeper
  readonly #timer: NodeJS.Timeout
  readonly #pools = { bucket: new Map<string, Pool>(), window: new Map<string, Pool>() }
  readonly #grants = new ShortLived<string, Grant>()

  /** @param onError told what goes wrong while nobody waits for it, but not that the remote counters are out of reach */
  constructor(remote: RemoteCounters, onError: (error: unknown) => void) {
    this.#remote = remote
    this.#keeper = new ChunkKeeper(remote, onError)
    this.#timer = setInterval(() => this.#look(), LOOK).unref()
  }

  reserve(lease: string, claims: readonly Claim[]): Now<Reservation> {
    if (this.#grants.has(lease)) throw new TypeError(`The lease ${JSON.stringify(lease)} is held already.`)
    for (let i = 0; i < claims.length; i++) assertClaim(claims[i]!)
    return this.#grant(lease, claims) ?? this.#ask(lease, claims)
  }

  settle(lease: string, claims: readonly Claim[], amounts: readonly number[]): Now<void> {
    const grant = this.#grants.get(lease)
    if (!grant) return this.#remote.settle(lease, claims, amounts)
    const { chunks } = grant
    for (let i = 0; i < chunks.length; i++) assertAmount(amounts[i])
    this.#grants.delete(lease)
    for (let i = 0; i < chunks.length; i++) {
      chunks[i]!.end(grant.claims[i]!.amount, amounts[i]!)
      this.#keeper.settled(chunks[i]!)
    }
  }

  read(claims: readonly Claim[]): Now<Level[]> {
    const now = performance.now()
    const levels: Level[] = []
    for (const claim of claims) {
      const pool = this.#poolOf(claim)
      if (!pool?.isLive(now)) return this.#remote.read(claims)
      levels.push(pool.level())
    }
    return levels
  }

  /** What other processes have of it in chunks is not forgotten, and may be used on top. */
  async reset(key: string): Promise<void> {
    const { bucket, window } = this.#pools
    await Promise.all([this.#drop(bucket.get(key)), this.#drop(window.get(key))])
    await this.#remote.reset(key)
  }

  /** Gives back what is not in use, and makes every claim elsewhere from now on. */
  close(): Promise<void> {
    clearInterval(this.#timer)
    return this.#keeper.close()
  }

  /** @returns undefined if there are no chunks of all, or too little in one */
  #grant(lease: string, claims: readonly Claim[]): Reservation | undefined {
    const now = performance.now()
    const chunks: Chunk[] = []
    for (let i = 0; i < claims.length; i++) {
      const claim = claims[i]!
      const chunk = this.#poolOf(claim)?.chunkFor(claim.amount, now)
      if (!chunk) {
        for (let n = 0; n < i; n++) chunks[n]!.end(claims[n]!.amount, 0)
        return undefined
      }
      chunk.take(claim.amount)
      chunks.push(chunk)
    }
    this.#grants.set(lease, { claims, chunks })
    const levels: Level[] = []
    for (let i = 0; i < chunks.length; i++) {
      const chunk = chunks[i]!
      levels.push(chunk.pool.level())
      if (chunk.isRunningOut(now)) this.#keeper.renew(chunk.pool, claims[i]!.amount)
    }
    return { granted: true, levels, short: -1, retryAfter: 0 }
  }

  async #ask(lease: string, claims: readonly Claim[]): Promise<Reservation> {
    const first = await this.#remote.reserve(lease, claims)
    const reservation = first.granted ? first : await this.#askAgain(lease, claims, first)
    if (reservation.granted) this.#learn(claims, reservation.levels)
    return reservation
  }

  /** What a claim was refused for may be in chunks: in ours, which are given back, or in those of others. */
  async #askAgain(lease: string, claims: readonly Claim[], refused: Reservation): Promise<Reservation> {
    const claim = claims[refused.short]!
    if (!isPooled(claim) || claim.amount > claim.limit) return refused
    const pool = this.#poolOf(claim) ?? this.#newPool(claim)
    const hadSome = await this.#giveBack(claims)
    const now = performance.now()
    if (!hadSome && now < pool.aloneUntil) return refused
    const [level] = await this.#remote.read([pool.marker])
    const isAlone = level!.remaining === pool.marker.limit
    if (isAlone) pool.aloneUntil = now + LIFE
    const again = await this.#remote.reserve(lease, claims)
    if (!again.granted && !isAlone) again.retryAfter = Math.min(again.retryAfter, GIVEN_BACK)
    return again
  }

  /** Whether there was anything. */
  async #giveBack(claims: readonly Claim[]): Promise<boolean> {
    let hadSome = false
    for (const claim of claims) {
      const pool = this.#poolOf(claim)
      if (pool && (await this.#keeper.giveBack(pool))) hadSome = true
    }
    return hadSome
  }

  /** Sees to chunks of keys that are claimed again and again, if the limits of all are far. */
  #learn(claims: readonly Claim[], levels: readonly Level[]): void {
    for (let i = 0; i < claims.length; i++) if (!isPooled(claims[i]!) || !isFar(claims[i]!, levels[i]!)) return
    const now = performance.now()
    for (let i = 0; i < claims.length; i++) {
      const claim = claims[i] as PooledClaim
      const pool = this.#poolOf(claim) ?? this.#newPool(claim)
      pool.heard(levels[i]!)
      if (now - pool.grantedAt < pool.life) this.#keeper.renew(pool, claim.amount)
      pool.grantedAt = now
    }
  }

  #look(): void {
    const now = performance.now()
    this.#keeper.look(now)
    for (const pools of Object.values(this.#pools))
      for (const [key, pool] of pools) if (pool.isIdle(now)) pools.delete(key)
  }

  /** With the terms of the claim. */
  #poolOf(claim: Claim): Pool | undefined {
    if (claim.kind === 'slots') return undefined
    const pool = this.#pools[claim.kind].get(claim.key)
    return pool?.isOf(claim) ? pool : undefined
  }

  #newPool(claim: PooledClaim): Pool {
    const pools = this.#pools[claim.kind]
    void this.#drop(pools.get(claim.key))
    const pool = new Pool(claim)
    pools.set(claim.key, pool)
    return pool
  }

  async #drop(pool: Pool | undefined): Promise<void> {
    if (!pool) return
    this.#pools[pool.terms.kind].delete(pool.terms.key)
    await this.#keeper.giveBack(pool)
  }
}
