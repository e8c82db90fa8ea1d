import { definePlugin, GatewayError } from '@sluice/core'
import type { JsonObject, PluginInstance } from '@sluice/core'
import { Store } from '@sluice/store-kit'
import type { ListOptions, PutOptions, StoredRecord, Watcher } from '@sluice/store-kit'

/** A store that several gateways share, which can be counted, cut off and frozen. */
export class TestStore implements Store {
  /** Calls so far, as `find keys/key_1`. */
  readonly calls: string[] = []
  /** What happens to calls. */
  mode: 'up' | 'down' | 'frozen' = 'up'
  /** Whether changes are told. */
  tells = true
  readonly #records = new Map<string, Map<string, StoredRecord>>()
  /** Ids in their order, by collection, as far as nothing has changed since. */
  readonly #sorted = new Map<string, string[]>()
  readonly #watchers = new Set<{ collection: string; watcher: Watcher }>()

  /** What provides it. */
  plugin(): PluginInstance {
    const service = this as Store
    return definePlugin({
      name: 'test-store',
      version: '1.0.0',
      api: 1,
      provides: [Store],
      setup: ({ provide }) => provide(Store, service),
    })()
  }

  get watchers(): number {
    return this.#watchers.size
  }

  /** Calls of one kind since the last time. */
  taken(method: string): string[] {
    const taken = this.calls.filter((call) => call.startsWith(`${method} `))
    this.calls.length = 0
    return taken
  }

  /** All that is stored, as text. */
  text(): string {
    return JSON.stringify(Array.from(this.#records, ([name, records]) => [name, [...records]]))
  }

  /** A record's value, without a call. */
  peek(collection: string, id: string): JsonObject | undefined {
    return this.#of(collection).get(id)?.value
  }

  async get(collection: string, id: string): Promise<JsonObject | undefined> {
    return (await this.find(collection, id))?.value
  }

  async find(collection: string, id: string): Promise<StoredRecord | undefined> {
    await this.#call(`find ${collection}/${id}`)
    return structuredClone(this.#of(collection).get(id))
  }

  async put(collection: string, id: string, value: JsonObject, { revision }: PutOptions = {}): Promise<number> {
    await this.#call(`put ${collection}/${id}`)
    const current = this.#of(collection).get(id)?.revision ?? 0
    if (revision !== undefined && revision !== current) throw new GatewayError('conflict', 'It has changed.')
    this.#of(collection).set(id, { id, value: structuredClone(value), revision: current + 1 })
    this.#tell(collection, id)
    return current + 1
  }

  async delete(collection: string, id: string): Promise<boolean> {
    await this.#call(`delete ${collection}/${id}`)
    const found = this.#of(collection).delete(id)
    this.#tell(collection, id)
    return found
  }

  async list(collection: string, { after, limit = 100 }: ListOptions = {}): Promise<StoredRecord[]> {
    await this.#call(`list ${collection}`)
    const ids = this.#idsOf(collection)
    const from = after === undefined ? 0 : ids.findIndex((id) => id > after)
    if (from < 0) return []
    return ids.slice(from, from + limit).map((id) => structuredClone(this.#of(collection).get(id)!))
  }

  watch(collection: string, watcher: Watcher): () => void {
    const entry = { collection, watcher }
    this.#watchers.add(entry)
    return () => void this.#watchers.delete(entry)
  }

  /** Says that anything may have changed, as after a lost connection. */
  tellAll(): void {
    for (const { watcher } of this.#watchers) watcher(undefined)
  }

  #idsOf(collection: string): string[] {
    const ids = this.#sorted.get(collection) ?? [...this.#of(collection).keys()].sort()
    this.#sorted.set(collection, ids)
    return ids
  }

  #of(collection: string): Map<string, StoredRecord> {
    const records = this.#records.get(collection) ?? new Map<string, StoredRecord>()
    this.#records.set(collection, records)
    return records
  }

  #tell(collection: string, id: string): void {
    this.#sorted.delete(collection)
    if (!this.tells) return
    for (const each of this.#watchers) if (each.collection === collection) each.watcher(id)
  }

  async #call(call: string): Promise<void> {
    this.calls.push(call)
    await Promise.resolve()
    if (this.mode === 'down') throw new Error('connection refused')
    if (this.mode === 'frozen') await new Promise(() => undefined)
  }
}
