/** A look into the store behind a gateway. */
import type { PluginInstance, SetupContext } from '@sluice/core'
import { Store } from '@sluice/store-kit'

/** Given where the plugin that holds it is set up. */
export interface StoreTap {
  /** The plugin, as it goes into a config. */
  plugin: PluginInstance
  store: Store
  /** Calls so far, e.g. `find keys`. */
  calls: string[]
}

/** Of a plugin that provides `Store`. */
export function storeTap(plugin: PluginInstance): StoreTap {
  const tap: StoreTap = { plugin, store: undefined as never, calls: [] }
  const { definition } = plugin
  const setup: typeof definition.setup = (context) => {
    const provide: typeof context.provide = (token, service) =>
      context.provide(token, token.name === Store.name ? (watched(service as Store, tap) as never) : service)
    return definition.setup(Object.assign(Object.create(context) as SetupContext<never, never>, { provide }) as never)
  }
  tap.plugin = { ...plugin, definition: { ...definition, setup } }
  return tap
}

function watched(store: Store, tap: StoreTap): Store {
  tap.store = store
  return new Proxy(store, {
    get(target, name) {
      const method = target[name as keyof Store] as (...given: unknown[]) => unknown
      return (...given: unknown[]) => {
        tap.calls.push(`${String(name)} ${String(given[0])}`)
        return method.apply(target, given)
      }
    },
  })
}
