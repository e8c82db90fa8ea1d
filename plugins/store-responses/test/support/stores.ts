/** Stores that fail. */
import { definePlugin } from '@sluice/core'
import type { JsonObject, PluginInstance } from '@sluice/core'
import { Store } from '@sluice/store-kit'

/** What a store does before it does what it is asked. */
export type Fault = (method: keyof Store, collection: string) => Promise<void> | undefined

export interface FaultyStore {
  plugin: PluginInstance
  /** Undefined for a store that works. */
  fault: Fault | undefined
  records: Map<string, JsonObject>
}

export function faultyStore(): FaultyStore {
  const records = new Map<string, JsonObject>()
  const faulty: FaultyStore = { plugin: undefined as unknown as PluginInstance, fault: undefined, records }
  const key = (collection: string, id: string): string => `${collection}/${id}`
  const store: Store = {
    async get(collection, id) {
      await faulty.fault?.('get', collection)
      return structuredClone(records.get(key(collection, id)))
    },
    async put(collection, id, value) {
      await faulty.fault?.('put', collection)
      records.set(key(collection, id), structuredClone(value))
      return 1
    },
    async delete(collection, id) {
      await faulty.fault?.('delete', collection)
      return records.delete(key(collection, id))
    },
    find: () => Promise.reject(new Error('nobody looks at revisions')),
    list: () => Promise.reject(new Error('nobody lists')),
    watch: () => () => undefined,
  }
  faulty.plugin = definePlugin({
    name: 'test-store',
    version: '1.0.0',
    api: 1,
    provides: [Store],
    setup: ({ provide }) => provide(Store, store),
  })()
  return faulty
}

export const rejects = (): Promise<never> => Promise.reject(new Error('disk of 10.0.0.7 is full'))
export const hangs = (): Promise<never> => new Promise(() => undefined)
