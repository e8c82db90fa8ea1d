import { describe, GatewayError } from '@sluice/core'
import type { Service, ServiceContext } from '@sluice/core/cluster'
import { Guard } from '@sluice/store-kit'
import type {
  Claim,
  Filter,
  Level,
  ListOptions,
  MeterState,
  Page,
  Reservation,
  Rest,
  Sum,
  Sums,
} from '@sluice/store-kit'
import { CounterKeeper } from './counter-keeper.ts'
import { WriteQueue } from './queue.ts'
import type { Reader } from './reader.ts'
import { settingsOf } from './settings.ts'
import type { Settings } from './settings.ts'
import type { RecordText } from './tables/records.ts'
import type { RowText } from './tables/rows.ts'
import type { Thread } from './threads/thread.ts'
import type { Writer } from './writer.ts'

export interface Parts {
  writer: Thread<Writer>
  reader: Thread<Reader>
  /** Counters as they were saved. */
  saved: readonly MeterState[]
  /** Gives the file back. */
  release: () => void
  context: ServiceContext
  /** Milliseconds since the epoch. */
  now: () => number
}

/** What the processes that use it are told. */
export type DatabaseEvent =
  | { type: 'changed'; collection: string; id: string }
  | { type: 'trouble'; text: string }
  | { type: 'recovered' }
/** `text`: JSON. `ttl`: milliseconds. */
export type RecordPut = { collection: string; id: string; text: string; ttl?: number; revision?: number }

/** Milliseconds that a read may take. */
const READ_DEADLINE = 30_000
/** Milliseconds after which what is over is deleted and the write-ahead log is moved into the file. */
const UPKEEP = 15_000
/** Bytes that a write takes besides its texts, about. */
const OVERHEAD = 200

/** The one place that writes. A write settles when it is committed; everything else sees it then. */
export class SharedDatabase implements Service {
  readonly #parts: Parts
  readonly #reading = new Guard({ name: 'SQLite', deadline: READ_DEADLINE, isTrouble: () => true })
  readonly #queue: WriteQueue
  readonly #counters: CounterKeeper
  readonly #watched = new Set<string>()
  readonly #upkeep: NodeJS.Timeout
  #saving: NodeJS.Timeout | undefined
  #settings: Settings = settingsOf({})
  #trouble: string | undefined

  constructor(parts: Parts) {
    const { writer, saved, context, now } = parts
    this.#parts = parts
    this.#queue = new WriteQueue({ writer, now, settings: () => this.#settings, onBatch: (error) => this.#tell(error) })
    this.#counters = new CounterKeeper(this.#queue, saved, now)
    this.#upkeep = setInterval(() => void this.#maintain(), UPKEEP).unref()
    this.configure(this.#settings)
    context.onPeerLost((peer) => this.#counters.table.dropPeer(peer))
  }

  /** Settings hold for all who use the file: the last ones count. */
  configure(settings: Settings): void {
    this.#settings = settings
    clearInterval(this.#saving)
    this.#saving = setInterval(() => void this.#counters.save(), Math.min(settings.flushInterval, UPKEEP)).unref()
  }

  /** @returns the new revision @throws GatewayError `conflict` */
  async put({ collection, id, text, ttl, revision }: RecordPut): Promise<number> {
    const expires = ttl === undefined ? null : this.#parts.now() + ttl
    const size = text.length + id.length + OVERHEAD
    const written = await this.#queue.add('put', [{ collection, id, text, expires, revision }], size)
    if (written === undefined) throw conflict(id)
    this.#changed(collection, id)
    return written
  }

  /** @returns whether there was one @throws GatewayError `conflict` */
  async delete(collection: string, id: string, revision?: number): Promise<boolean> {
    const deleted = await this.#queue.add('delete', [collection, id, revision], id.length + OVERHEAD)
    if (deleted === undefined) throw conflict(id)
    if (deleted) this.#changed(collection, id)
    return deleted
  }

  list(collection: string, page: ListOptions): Promise<RecordText[]> {
    return this.#reading.run(() => this.#parts.reader.call('list', [collection, page, this.#parts.now()]))
  }

  /** From now on, changes of the collection are told. */
  watch(collection: string): void {
    this.#watched.add(collection)
  }

  /** @returns the ids that were new */
  append(journal: string, rows: readonly RowText[]): Promise<string[]> {
    const size = rows.reduce((sum, { id, text }) => sum + id.length + text.length + OVERHEAD, 0)
    return this.#queue.add('append', [journal, rows], size)
  }

  async appendLines(journal: string, lines: Uint8Array): Promise<void> {
    // A copy, which is given away.
    await this.#queue.add('appendLines', [journal, new Uint8Array(lines)], lines.length + OVERHEAD)
  }

  rows(journal: string, filter: Filter, page: Page): Promise<RowText[]> {
    return this.#reading.run(() => this.#parts.reader.call('rows', [journal, filter, page]))
  }

  sums(journal: string, filter: Filter, sums: Sums): Promise<Sum[]> {
    return this.#reading.run(() => this.#parts.reader.call('sums', [journal, filter, sums]))
  }

  /** @returns how many */
  async prune(journal: string, before: number): Promise<number> {
    let sum = 0
    for (let some = -1; some !== 0; sum += some) some = await this.#queue.add('prune', [journal, before], OVERHEAD)
    return sum
  }

  /** An entry for which there is no room is dropped. @param ttl milliseconds */
  async cacheSet(key: string, value: Uint8Array, ttl: number): Promise<void> {
    const size = key.length + value.length + OVERHEAD
    // A copy, as in `appendLines`.
    const args = [key, new Uint8Array(value), this.#parts.now() + ttl] as const
    await this.#queue.add('cacheSet', [...args], size).catch(() => undefined)
  }

  async cacheDelete(key: string): Promise<void> {
    await this.#queue.add('cacheDelete', [key], key.length + OVERHEAD)
  }

  reserve(lease: string, claims: readonly Claim[], peer: string): Reservation {
    return this.#counters.table.reserve(lease, claims, peer)
  }

  settle(lease: string, claims: readonly Claim[], amounts: readonly number[], rest?: Rest): void {
    this.#counters.table.settle(lease, claims, amounts, rest)
  }

  read(claims: readonly Claim[]): Level[] {
    return this.#counters.table.read(claims)
  }

  reset(key: string): void {
    this.#counters.table.reset(key)
  }

  async close(): Promise<void> {
    clearInterval(this.#upkeep)
    clearInterval(this.#saving)
    await this.#counters.close()
    await this.#queue.close()
    await Promise.all([this.#parts.reader.stop(), this.#parts.writer.stop()])
    this.#parts.release()
  }

  #changed(collection: string, id: string): void {
    if (this.#watched.has(collection)) this.#publish({ type: 'changed', collection, id })
  }

  /** Once for each trouble, and once when it is over. */
  #tell(error: unknown): void {
    const text = error === undefined ? undefined : describe(error)
    if (text === this.#trouble) return
    this.#trouble = text
    this.#publish(text === undefined ? { type: 'recovered' } : { type: 'trouble', text })
  }

  #publish(event: DatabaseEvent): void {
    this.#parts.context.publish(event)
  }

  async #maintain(): Promise<void> {
    try {
      while ((await this.#queue.add('sweep', [], OVERHEAD)) > 0);
      await this.#parts.writer.call('checkpoint', [])
    } catch {
      // The queue has told of it, and what is over is not given to anybody.
    }
  }
}

function conflict(id: string): GatewayError {
  return new GatewayError('conflict', `${JSON.stringify(id)} has been changed by somebody else. Read it again.`)
}
