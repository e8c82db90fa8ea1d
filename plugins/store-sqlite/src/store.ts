import { describe } from '@sluice/core'
import type { JsonObject, Logger } from '@sluice/core'
import type { Shared } from '@sluice/core/cluster'
import type { ListOptions, PutOptions, Store, StoredRecord, Watcher } from '@sluice/store-kit'
import type { PointReader } from './point-reader.ts'
import type { SharedDatabase } from './shared-database.ts'

/** Reads by id are done in this process, everything else by the shared database. */
export class SqliteStore implements Store {
  readonly #database: Shared<SharedDatabase>
  readonly #reader: PointReader
  readonly #log: Pick<Logger, 'error'>
  readonly #watchers = new Map<string, Set<{ watcher: Watcher }>>()

  constructor(database: Shared<SharedDatabase>, reader: PointReader, log: Pick<Logger, 'error'>) {
    this.#database = database
    this.#reader = reader
    this.#log = log
  }

  async get(collection: string, id: string): Promise<JsonObject | undefined> {
    return this.#reader.record(collection, id)?.value
  }

  async find(collection: string, id: string): Promise<StoredRecord | undefined> {
    return this.#reader.record(collection, id)
  }

  async put(collection: string, id: string, value: JsonObject, options: PutOptions = {}): Promise<number> {
    return this.#database.put({ collection, id, text: JSON.stringify(value), ...options })
  }

  async delete(collection: string, id: string, { revision }: { revision?: number } = {}): Promise<boolean> {
    return this.#database.delete(collection, id, revision)
  }

  async list(collection: string, options: ListOptions = {}): Promise<StoredRecord[]> {
    const records = await this.#database.list(collection, options)
    return records.map(({ id, text, revision }) => ({ id, value: JSON.parse(text) as JsonObject, revision }))
  }

  watch(collection: string, watcher: Watcher): () => void {
    const watchers = this.#watchers.get(collection) ?? new Set()
    this.#watchers.set(collection, watchers)
    const entry = { watcher }
    watchers.add(entry)
    const begun = this.#database.watch(collection)
    // Until another process has taken note, changes may have gone unseen.
    if (begun) begun.then(() => watchers.has(entry) && this.#call(watcher, undefined), this.#report)
    return () => void watchers.delete(entry)
  }

  /** Calls who watches. */
  changed(collection: string, id: string): void {
    for (const { watcher } of this.#watchers.get(collection) ?? []) this.#call(watcher, id)
  }

  #call(watcher: Watcher, id: string | undefined): void {
    try {
      watcher(id)
    } catch (error) {
      this.#report(error)
    }
  }

  readonly #report = (error: unknown): void => {
    this.#log.error({ err: error }, `watching the store failed: ${describe(error)}`)
  }
}
