/** `@sluice/store-memory`: records that live as long as the process. */
import { bytes, definePlugin, Size, Type } from '@sluice/core'
import type { Gateway } from '@sluice/core'
import { Store } from '@sluice/store-kit'
import { MemoryStore } from './memory-store.ts'

/** By instance id. What was stored outlives a reload of the config. */
const STORES = new WeakMap<Gateway, Map<string, MemoryStore>>()

/** Provides `Store`. */
export const memoryStore = definePlugin({
  name: 'store-memory',
  version: '0.1.0',
  api: 1,
  provides: [Store],
  options: Type.Object(
    {
      records: Type.Optional(Type.Integer({ minimum: 1, default: 10_000, description: 'Records at most.' })),
      size: Type.Optional(Size('Memory for all records at most.', '64mb')),
    },
    { additionalProperties: false },
  ),
  setup({ id, options, gateway, provide }) {
    const bounds = { records: options.records ?? 10_000, bytes: bytes(options.size ?? '64mb') }
    const stores = STORES.get(gateway) ?? new Map<string, MemoryStore>()
    STORES.set(gateway, stores)
    const store = stores.get(id)?.within(bounds) ?? new MemoryStore(bounds)
    stores.set(id, store)
    provide(Store, store)
  },
})
