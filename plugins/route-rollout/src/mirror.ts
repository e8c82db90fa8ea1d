/** The records of a collection, always at hand. */
import { describe } from '@sluice/core'
import type { Logger } from '@sluice/core'
import type { Store, StoredRecord } from '@sluice/store-kit'

const PAGE = 1000
/** Milliseconds until a reading that failed is tried again. */
const RETRY = 1_000

export type Records = ReadonlyMap<string, StoredRecord>
/** What is done when records were read. `isFirst`: they may have been changed long ago. */
type Listener = (records: Records, isFirst: boolean) => void

export class Mirror {
  #records: Records = new Map()
  readonly #store: Store
  readonly #collection: string
  readonly #log: Logger
  readonly #onRead: Listener
  readonly #unwatch: () => void
  /** One reading after the other, so that an older one never wins. */
  #work: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** Resolves when all records have been read. Rejects if they cannot be. */
  static async open(store: Store, collection: string, log: Logger, onRead: Listener): Promise<Mirror> {
    const mirror = new Mirror(store, collection, log, onRead)
    try {
      await (mirror.#work = mirror.#readAll(true))
      return mirror
    } catch (error) {
      mirror.close()
      throw error
    }
  }

  private constructor(store: Store, collection: string, log: Logger, onRead: Listener) {
    this.#store = store
    this.#collection = collection
    this.#log = log
    this.#onRead = onRead
    this.#unwatch = store.watch(collection, (id) => void this.refresh(id).catch((error) => this.#retry(error)))
  }

  close(): void {
    this.#closed = true
    this.#unwatch()
    clearTimeout(this.#timer)
  }

  /** Reads a record, or all, anew. Rejects if that cannot be. */
  refresh(id?: string): Promise<void> {
    const reading = this.#work.then(() => (id === undefined ? this.#readAll(false) : this.#readOne(id)))
    this.#work = reading.catch(() => undefined)
    return reading
  }

  #retry(error: unknown): void {
    if (this.#closed) return
    this.#log.warn({ reason: describe(error) }, `${this.#collection} could not be read again yet`)
    this.#timer ??= setTimeout(() => void this.#readAgain(), RETRY).unref()
  }

  async #readAgain(): Promise<void> {
    this.#timer = undefined
    await this.refresh().catch((error: unknown) => this.#retry(error))
  }

  async #readAll(isFirst: boolean): Promise<void> {
    const records = new Map<string, StoredRecord>()
    for (let page: StoredRecord[] | undefined; !page || page.length === PAGE;) {
      const after = page?.at(-1)?.id
      page = await this.#store.list(this.#collection, { limit: PAGE, ...(after !== undefined && { after }) })
      for (const record of page) records.set(record.id, record)
    }
    this.#records = records
    this.#onRead(records, isFirst)
  }

  async #readOne(id: string): Promise<void> {
    const record = await this.#store.find(this.#collection, id)
    const records = new Map(this.#records)
    records.delete(id)
    if (record) records.set(id, record)
    this.#records = records
    this.#onRead(records, false)
  }
}
