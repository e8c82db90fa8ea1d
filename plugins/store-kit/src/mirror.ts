import type { Logger } from '@sluice/core'
import type { Store, StoredRecord } from './store.ts'

const PAGE = 1000
/** Milliseconds until a reading that failed is tried again. */
const RETRY = 1000

/** What is followed, and who keeps its records in the form in which they are used. */
export interface MirrorSettings {
  store: Store
  collection: string
  log: Logger
  /** A record was read; undefined: there is none any more. */
  set(id: string, record: StoredRecord | undefined): void
  /** Everything is set that was known to have changed: after each reading. */
  settled(): void
}

/**
 * Follows a collection of a Store, one reading after the other, so that an older one never wins. While the Store
 * cannot be read, what is known of it holds, the log says so once, and all of it is tried again every second.
 */
export class Mirror {
  readonly #settings: MirrorSettings
  readonly #unwatch: () => void
  readonly #ids = new Set<string>()
  /** Records that may be other than what was set; perhaps all. */
  #changed: Set<string> | 'all' = new Set()
  /** The last reading that was begun or will be; never rejects. */
  #last: Promise<void> = Promise.resolve()
  /** The reading that has not begun yet. */
  #next: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isFailing = false
  #isClosed = false

  /** Resolves when all records have been read. Rejects, and follows nothing, if they cannot be. */
  static async open(settings: MirrorSettings): Promise<Mirror> {
    const mirror = new Mirror(settings)
    try {
      await mirror.refresh()
      return mirror
    } catch (error) {
      mirror.close()
      throw error
    }
  }

  /** Is told of changes from now on; what is there already, it reads when it is told to. */
  constructor(settings: MirrorSettings) {
    this.#settings = settings
    this.#unwatch = settings.store.watch(settings.collection, (id) => void this.follow(id))
  }

  /** Nothing is read from now on. */
  close(): void {
    this.#isClosed = true
    this.#unwatch()
    clearTimeout(this.#timer)
  }

  /**
   * Sets a record, or all, as the Store has it from now on, together with whatever else is known to have changed.
   * Rejects if that cannot be read.
   */
  refresh(id?: string): Promise<void> {
    if (id === undefined) this.#changed = 'all'
    else if (this.#changed !== 'all') this.#changed.add(id)
    if (!this.#next) {
      this.#next = this.#last.then(() => this.#read())
      this.#last = this.#next.catch(() => undefined)
    }
    return this.#next
  }

  /** As `refresh`, but never rejects: what cannot be read is tried again until it can. */
  async follow(id?: string): Promise<void> {
    try {
      await this.refresh(id)
    } catch (error) {
      this.#retry(error)
    }
  }

  #retry(err: unknown): void {
    if (this.#isClosed) return
    const { log, collection } = this.#settings
    if (!this.#isFailing) log.warn({ err }, `${collection} cannot be read; what is known of it holds`)
    this.#isFailing = true
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.follow()
    }, RETRY).unref()
  }

  async #read(): Promise<void> {
    const changed = this.#changed
    this.#changed = new Set()
    this.#next = undefined
    if (this.#isClosed) return
    try {
      await (changed === 'all' ? this.#readAll() : this.#readSome(changed))
      this.#settings.settled()
      this.#isFailing = false
    } catch (error) {
      // Some of what has changed may have been set, and some not.
      this.#changed = 'all'
      throw error
    }
  }

  async #readAll(): Promise<void> {
    const { store, collection } = this.#settings
    const gone = new Set(this.#ids)
    for (let page: StoredRecord[] | undefined; !page || page.length === PAGE;) {
      const after = page?.at(-1)?.id
      page = await store.list(collection, { limit: PAGE, ...(after !== undefined && { after }) })
      for (const record of page) {
        gone.delete(record.id)
        this.#set(record.id, record)
      }
    }
    for (const id of gone) this.#set(id, undefined)
  }

  async #readSome(ids: ReadonlySet<string>): Promise<void> {
    const { store, collection } = this.#settings
    for (const id of ids) this.#set(id, await store.find(collection, id))
  }

  #set(id: string, record: StoredRecord | undefined): void {
    if (record) this.#ids.add(id)
    else this.#ids.delete(id)
    this.#settings.set(id, record)
  }
}
