import { GatewayError } from '@sluice/core'
import { backlogged, tooLarge, unavailable } from './faults.ts'
import type { Thread } from './threads/thread.ts'
import type { Writer } from './writer.ts'
import type { Write, WriteName, WriterSettings, Writes } from './writes.ts'

/** Milliseconds between two batches at least, so that under load many writes share one. */
const PAUSE = 2
/** Milliseconds that a batch may take. */
const DEADLINE = 10_000
/** Writes in a batch at most. */
const BATCH = 1_000

type Waiting = { write: Write; size: number; settle: PromiseWithResolvers<unknown> }

export interface QueueOptions {
  writer: Thread<Writer>
  /** Milliseconds since the epoch. */
  now: () => number
  settings: () => WriterSettings & { queueSize: number }
  /** Told how each batch went: what went wrong, or undefined. */
  onBatch: (trouble: unknown) => void
}

/** Writes on their way to the writer, in their order. One batch is under way at a time, the next gathers meanwhile. */
export class WriteQueue {
  readonly #options: QueueOptions
  #waiting: Waiting[] = []
  /** Of what is waiting or under way. */
  #bytes = 0
  #underWay = false
  /** The batch under way has had its time: nothing is taken until the writer answers. */
  #stalled = false
  #scheduled = false
  #sentAt = -Infinity
  #isOpen = true

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /**
   * Settles when the write has been committed.
   * @param size bytes, about
   * @throws GatewayError `overloaded` if there is no room or the database fails; it may have been written if that took
   * too long. `request_too_large` if there never is room.
   */
  add<N extends WriteName>(name: N, args: Parameters<Writes[N]>, size: number): Promise<ReturnType<Writes[N]>> {
    const room = this.#options.settings().queueSize
    if (size > room) return Promise.reject(tooLarge(size, room))
    if (!this.#isOpen) return Promise.reject(new GatewayError('shutting_down', 'The gateway is shutting down.'))
    if (this.#stalled || this.#bytes + size > room) return Promise.reject(backlogged())
    const settle = Promise.withResolvers<unknown>()
    this.#bytes += size
    this.#waiting.push({ write: { name, args } as Write, size, settle })
    this.#schedule()
    return settle.promise as Promise<ReturnType<Writes[N]>>
  }

  /** Settles when all writes have; no more are taken. */
  async close(): Promise<void> {
    const last = this.add('sweep', [], 0)
    this.#isOpen = false
    await last.catch(() => undefined)
  }

  #schedule(): void {
    if (this.#scheduled || this.#underWay) return
    this.#scheduled = true
    const pause = this.#sentAt + PAUSE - performance.now()
    if (pause > 0) setTimeout(() => void this.#send(), pause)
    else setImmediate(() => void this.#send())
  }

  async #send(): Promise<void> {
    const { writer, now, settings, onBatch } = this.#options
    const batch = this.#waiting.splice(0, BATCH)
    const writes = batch.map(({ write }) => write)
    this.#scheduled = false
    this.#underWay = true
    this.#sentAt = performance.now()
    const deadline = setTimeout(() => this.#stall(batch), DEADLINE)
    try {
      const results = await writer.call('write', [{ now: now(), settings: settings(), writes }], buffersOf(writes))
      onBatch(undefined)
      for (const [index, { settle }] of batch.entries()) settle.resolve(results[index])
    } catch (error) {
      onBatch(error)
      for (const { settle } of batch) settle.reject(unavailable(error))
    }
    clearTimeout(deadline)
    for (const { size } of batch) this.#bytes -= size
    this.#underWay = false
    this.#stalled = false
    if (this.#waiting.length > 0) this.#schedule()
  }

  #stall(batch: readonly Waiting[]): void {
    const error = new Error(`the disk did not take a batch of writes within ${DEADLINE / 1000} s`)
    this.#stalled = true
    this.#options.onBatch(error)
    for (const { settle } of batch) settle.reject(unavailable(error))
    for (const { settle, size } of this.#waiting.splice(0)) {
      this.#bytes -= size
      settle.reject(unavailable(error))
    }
  }
}

/** Bytes that were copied for the writer. */
function buffersOf(writes: readonly Write[]): ArrayBufferLike[] {
  const buffers: ArrayBufferLike[] = []
  for (const { name, args } of writes) if (name === 'appendLines' || name === 'cacheSet') buffers.push(args[1].buffer)
  return buffers
}
