import type { JsonObject, Logger } from '@sluice/core'
import type { Store } from '@sluice/store-kit'

/** Records of a page, and milliseconds until a store that failed is asked again. */
const PAGE = 1_000
const PAUSE = 1_000

/** Where records are kept in the form in which they are used. Must not throw. */
export interface Reflection {
  /** `value` undefined: there is no such record any more. */
  set(id: string, value: JsonObject | undefined): void
  /** Everything is taken over that is known to have changed. */
  settled(): void
}

/**
 * Follows a collection of the Store. While the store fails, what was known last stays, and it is asked again every
 * second.
 */
export class Mirror {
  readonly #store: Store
  readonly #collection: string
  readonly #reflection: Reflection
  readonly #log: Logger
  readonly #ids = new Set<string>()
  /** Records of which it is known that they have changed; perhaps all. */
  #changed: Set<string> | 'all' = 'all'
  #isLoaded = false
  #isBusy = false
  #isFailing = false
  #isStopped = false
  #unwatch: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(store: Store, collection: string, reflection: Reflection, log: Logger) {
    this.#store = store
    this.#collection = collection
    this.#reflection = reflection
    this.#log = log
  }

  /** Whether all that the store held has been seen at least once. */
  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** Settles after the first look at the store, whatever that gave; never rejects. */
  start(): Promise<void> {
    this.#unwatch = this.#store.watch(this.#collection, (id) => {
      if (id === undefined) this.#changed = 'all'
      else if (this.#changed !== 'all') this.#changed.add(id)
      void this.#follow()
    })
    return this.#follow()
  }

  stop(): void {
    this.#isStopped = true
    this.#unwatch?.()
    clearTimeout(this.#timer)
  }

  /** Takes changes over until there are none, one look at the store at a time. */
  async #follow(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    clearTimeout(this.#timer)
    while (!this.#isStopped && (this.#changed === 'all' || this.#changed.size > 0)) {
      const changed = this.#changed
      this.#changed = new Set()
      try {
        await (changed === 'all' ? this.#readAll() : this.#read(changed))
      } catch (error) {
        this.#fail(error)
        break
      }
      this.#isFailing = false
    }
    this.#isBusy = false
  }

  async #readAll(): Promise<void> {
    const gone = new Set(this.#ids)
    for (let after: string | undefined; ;) {
      const page = await this.#store.list(this.#collection, { limit: PAGE, ...(after !== undefined && { after }) })
      for (const { id, value } of page) {
        gone.delete(id)
        this.#take(id, value)
      }
      if (page.length < PAGE) break
      after = page.at(-1)!.id
    }
    for (const id of gone) this.#take(id, undefined)
    this.#isLoaded = true
    this.#reflection.settled()
  }

  async #read(ids: ReadonlySet<string>): Promise<void> {
    for (const id of ids) this.#take(id, await this.#store.get(this.#collection, id))
    this.#reflection.settled()
  }

  #take(id: string, value: JsonObject | undefined): void {
    if (value) this.#ids.add(id)
    else this.#ids.delete(id)
    this.#reflection.set(id, value)
  }

  #fail(err: unknown): void {
    // Some of what has changed may have been taken over, and some not.
    this.#changed = 'all'
    if (!this.#isFailing)
      this.#log.error({ err, collection: this.#collection }, 'the store cannot be read; what is known of it holds')
    this.#isFailing = true
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#follow(), PAUSE).unref()
  }
}
