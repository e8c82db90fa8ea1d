import { GatewayError } from '@sluice/core'
import { Chunk } from './chunk.ts'
import { LIFE } from './pool.ts'
import type { Pool } from './pool.ts'
import type { RemoteCounters } from './remote-counters.ts'

/** Takes chunks for pools, tells what was used of them, and gives back what was not. */
export class ChunkKeeper {
  readonly #remote: RemoteCounters
  readonly #onError: (error: unknown) => void
  /** Those that hold something. */
  readonly #chunks = new Set<Chunk>()
  readonly #prefix = `${crypto.randomUUID()}-`
  #names = 0
  #isClosed = false

  /** @param onError told what goes wrong, but not that the remote counters are out of reach */
  constructor(remote: RemoteCounters, onError: (error: unknown) => void) {
    this.#remote = remote
    this.#onError = onError
  }

  /** Puts another chunk, for claims of this amount, in the place of the one that the pool has, when it is here. */
  renew(pool: Pool, amount: number): void {
    const size = pool.sizeFor(amount)
    if (size === 0 || pool.asking || this.#isClosed) return
    pool.asking = this.#take(pool, size)
      .catch((error: unknown) => this.#failed(error))
      .finally(() => (pool.asking = undefined))
  }

  /** Gives back what the pool has and is not in use. @returns whether it had anything */
  async giveBack(pool: Pool): Promise<boolean> {
    await pool.asking
    if (pool.chunk) void this.#end(pool.chunk)
    if (!pool.returning) return false
    await pool.returning
    return true
  }

  /** A grant of the chunk was settled. */
  settled(chunk: Chunk): void {
    if (!chunk.isOpen && chunk.grants === 0) void this.#tell(chunk)
  }

  /** Ends chunks whose time is over, and tells what those came to since that are not settled. */
  look(now: number): void {
    for (const chunk of this.#chunks) {
      if (chunk.isOpen) {
        if (now >= chunk.until) void this.#end(chunk)
      } else if (chunk.used > 0 && now >= chunk.toldAt + LIFE) void this.#tell(chunk)
    }
  }

  /** Gives back what is not in use, and takes no more. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#chunks].map(({ pool }) => this.giveBack(pool)))
  }

  async #take(pool: Pool, size: number): Promise<void> {
    const takenAt = performance.now()
    const lease = this.#name()
    const claims = [{ ...pool.terms, amount: size }, pool.marker]
    const { granted, levels } = await this.#remote.reserve(lease, claims)
    pool.heard(levels[0]!)
    pool.heardOfChunks(levels[1]!)
    if (!granted) return
    const chunk = new Chunk(pool, lease, claims, takenAt)
    this.#chunks.add(chunk)
    if (this.#isClosed || !pool.isFit(size)) return this.#end(chunk)
    const old = pool.chunk
    pool.chunk = chunk
    if (old) await this.#end(old)
  }

  /** Nothing is granted from it any more, and what is not in use is given back. */
  #end(chunk: Chunk): Promise<void> {
    const { pool } = chunk
    if (pool.chunk === chunk) pool.chunk = undefined
    pool.gaveBack(chunk.free)
    chunk.isOpen = false
    const told = this.#tell(chunk).then(() => {
      if (pool.returning === told) pool.returning = undefined
    })
    return (pool.returning = told)
  }

  /** What was used of a chunk; what was granted and is not settled stays held. */
  async #tell(chunk: Chunk): Promise<void> {
    const { lease, claims, used } = chunk
    const rest = chunk.grants > 0 ? chunk.moveTo(this.#name(), performance.now()) : undefined
    if (!rest) this.#chunks.delete(chunk)
    try {
      await this.#remote.settle(lease, claims, [used, 0], rest)
    } catch (error) {
      this.#failed(error)
    }
  }

  #name(): string {
    return this.#prefix + (this.#names++).toString(36)
  }

  /** Whoever needs what is out of reach is told so; what could not be told is told again. */
  #failed(error: unknown): void {
    if (!GatewayError.is(error)) this.#onError(error)
  }
}
