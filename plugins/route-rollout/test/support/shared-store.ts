/** A Store and a Journal that several gateways of a test share, as replicas share a database. */
import { definePlugin, GatewayError } from '@sluice/core'
import type { PluginInstance } from '@sluice/core'
import { Journal, Store } from '@sluice/store-kit'
import type { Row, StoredRecord, Watcher } from '@sluice/store-kit'

export class SharedStore implements Store, Journal {
  /** Set to make every call fail. */
  isDown = false
  /** Calls of `put` by collection. */
  readonly puts = new Map<string, number>()
  readonly #records = new Map<string, StoredRecord>()
  readonly #watchers = new Set<{ collection: string; watcher: Watcher }>()
  readonly #journals = new Map<string, Map<string, Row>>()

  async get(collection: string, id: string): Promise<StoredRecord['value'] | undefined> {
    return (await this.find(collection, id))?.value
  }

  async find(collection: string, id: string): Promise<StoredRecord | undefined>
  async find(journal: string, id: string): Promise<(StoredRecord & Row) | undefined>
  async find(name: string, id: string): Promise<StoredRecord | undefined> {
    await this.#way()
    const found = this.#journals.get(name)?.get(id) ?? this.#records.get(`${name}/${id}`)
    return structuredClone(found as StoredRecord | undefined)
  }

  async put(collection: string, id: string, value: object, { revision }: { revision?: number } = {}): Promise<number> {
    await this.#way()
    const now = this.#records.get(`${collection}/${id}`)?.revision ?? 0
    if (revision !== undefined && revision !== now) throw new GatewayError('conflict', 'Somebody was first.')
    this.puts.set(collection, (this.puts.get(collection) ?? 0) + 1)
    this.#records.set(`${collection}/${id}`, { id, value: structuredClone(value) as never, revision: now + 1 })
    this.#tell(collection, id)
    return now + 1
  }

  async delete(collection: string, id: string): Promise<boolean> {
    await this.#way()
    const isThere = this.#records.delete(`${collection}/${id}`)
    if (isThere) this.#tell(collection, id)
    return isThere
  }

  async list(collection: string, { after = '', limit = 100 } = {}): Promise<StoredRecord[]> {
    await this.#way()
    const own = [...this.#records].filter(([key]) => key.startsWith(`${collection}/`)).map(([, record]) => record)
    const page = own.filter(({ id }) => id > after).sort((a, b) => (a.id < b.id ? -1 : 1))
    return structuredClone(page.slice(0, limit))
  }

  watch(collection: string, watcher: Watcher): () => void {
    const entry = { collection, watcher }
    this.#watchers.add(entry)
    return () => void this.#watchers.delete(entry)
  }

  #tell(collection: string, id: string): void {
    for (const each of this.#watchers) if (each.collection === collection) setImmediate(() => each.watcher(id))
  }

  async append(journal: string, rows: readonly Row[]): Promise<string[]> {
    await this.#way()
    const kept = this.#journals.get(journal) ?? new Map<string, Row>()
    this.#journals.set(journal, kept)
    const fresh = rows.filter(({ id }) => !kept.has(id))
    for (const row of fresh) kept.set(row.id, structuredClone(row))
    return fresh.map(({ id }) => id)
  }

  async read(journal: string): Promise<Row[]> {
    await this.#way()
    return [...(this.#journals.get(journal)?.values() ?? [])]
  }

  sum(): Promise<never[]> {
    return Promise.resolve([])
  }

  prune(): Promise<number> {
    return Promise.resolve(0)
  }

  /** Whatever is shared is some way off. */
  async #way(): Promise<void> {
    await new Promise(setImmediate)
    if (this.isDown) throw new Error('out of reach')
  }
}

export function sharedStore(store: SharedStore): PluginInstance {
  return definePlugin({
    name: 'test-store',
    version: '0.1.0',
    api: 1,
    provides: [Store, Journal],
    setup({ provide }) {
      provide(Store, store)
      provide(Journal, store)
    },
  })()
}
