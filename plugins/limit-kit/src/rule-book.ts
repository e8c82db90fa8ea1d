/** Rules that are kept in the Store and may change at any time: always at hand, compiled. */
import { checkValue, describe } from '@sluice/core'
import type { Logger, TSchema } from '@sluice/core'
import type { Store, StoredRecord } from '@sluice/store-kit'

const PAGE = 1000
/** Milliseconds after which all rules are read again if one could not be. */
const RETRY = 2_000

export interface RuleBookSettings<R> {
  store: Store
  collection: string
  /** Of a rule. What is none is left out, and the log says so. */
  schema: TSchema
  log: Logger
  /** May throw, too. */
  compile: (record: StoredRecord) => R
}

/** The rules of a collection. A read that fails leaves those that are known, and is tried again. */
export class RuleBook<R> {
  /** In the order of their ids; another list after every change. */
  rules: readonly R[] = []
  readonly #settings: RuleBookSettings<R>
  readonly #byId = new Map<string, R>()
  readonly #unwatch: () => void
  #work: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** Resolves when all rules have been read. Rejects if they cannot be. */
  static async open<R>(settings: RuleBookSettings<R>): Promise<RuleBook<R>> {
    const book = new RuleBook(settings)
    try {
      await book.#readAll()
    } catch (error) {
      book.close()
      throw error
    }
    return book
  }

  private constructor(settings: RuleBookSettings<R>) {
    this.#settings = settings
    this.#unwatch = settings.store.watch(settings.collection, (id) => this.#changed(id))
  }

  close(): void {
    this.#closed = true
    this.#unwatch()
    clearTimeout(this.#timer)
  }

  /** One change after the other, so that an older read never wins. */
  #changed(id: string | undefined): void {
    this.#work = this.#work
      .then(() => (id === undefined ? this.#readAll() : this.#readOne(id)))
      .catch((error) => {
        if (this.#closed) return
        this.#settings.log.warn({ err: error }, `${this.#settings.collection} could not be read again yet`)
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined
          this.#changed(undefined)
        }, RETRY).unref()
      })
  }

  async #readAll(): Promise<void> {
    const { store, collection } = this.#settings
    const records: StoredRecord[] = []
    for (let page: StoredRecord[] | undefined; !page || page.length === PAGE;) {
      const after = records.at(-1)?.id
      page = await store.list(collection, { limit: PAGE, ...(after !== undefined && { after }) })
      records.push(...page)
    }
    this.#byId.clear()
    for (const record of records) this.#learn(record)
    this.#publish()
  }

  async #readOne(id: string): Promise<void> {
    const record = await this.#settings.store.find(this.#settings.collection, id)
    this.#byId.delete(id)
    if (record) this.#learn(record)
    this.#publish()
  }

  #learn(record: StoredRecord): void {
    const { collection, schema, log, compile } = this.#settings
    try {
      const [mistake] = checkValue(schema, record.value)
      if (mistake) throw new Error(`${mistake.at} ${mistake.text}`)
      this.#byId.set(record.id, compile(record))
    } catch (error) {
      log.error(`${collection}/${record.id} is not in force: ${describe(error)}`)
    }
  }

  #publish(): void {
    const ids = [...this.#byId.keys()].sort((a, b) => (a < b ? -1 : 1))
    this.rules = ids.map((id) => this.#byId.get(id)!)
  }
}
