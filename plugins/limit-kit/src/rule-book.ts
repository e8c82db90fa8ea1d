/** Rules that are kept in the Store and may change at any time: always at hand, compiled. */
import { checkValue, describe } from '@sluice/core'
import type { Logger, TSchema } from '@sluice/core'
import { Mirror } from '@sluice/store-kit'
import type { Store, StoredRecord } from '@sluice/store-kit'

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
  #mirror: Mirror | undefined

  /** Resolves when all rules have been read. Rejects if they cannot be. */
  static async open<R>(settings: RuleBookSettings<R>): Promise<RuleBook<R>> {
    const book = new RuleBook(settings)
    book.#mirror = await Mirror.open({
      ...settings,
      set: (id, record) => book.#set(id, record),
      settled: () => book.#publish(),
    })
    return book
  }

  private constructor(settings: RuleBookSettings<R>) {
    this.#settings = settings
  }

  close(): void {
    this.#mirror?.close()
  }

  #set(id: string, record: StoredRecord | undefined): void {
    const { collection, schema, log, compile } = this.#settings
    this.#byId.delete(id)
    if (!record) return
    try {
      const [mistake] = checkValue(schema, record.value)
      if (mistake) throw new Error(`${mistake.at} ${mistake.text}`)
      this.#byId.set(id, compile(record))
    } catch (error) {
      log.error(`${collection}/${id} is not in force: ${describe(error)}`)
    }
  }

  #publish(): void {
    const ids = [...this.#byId.keys()].sort((a, b) => (a < b ? -1 : 1))
    this.rules = ids.map((id) => this.#byId.get(id)!)
  }
}
