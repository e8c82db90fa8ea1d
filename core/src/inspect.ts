/** What a gateway is made of, as plain data for `sluice inspect` and tests. Secrets are masked. */
import { eachHook } from './hooks.ts'
import type { HookName } from './hooks.ts'
import type { Kernel } from './kernel.ts'
import { mask } from './logger.ts'
import type { JsonObject } from './model.ts'
import type { TapInfo } from './tap.ts'

export interface GatewayInspection {
  revision: number
  server: object
  /** In set-up order. */
  plugins: {
    id: string
    name: string
    version: string
    options: unknown
    when: unknown
    provides: string[]
    requires: string[]
  }[]
  /** Capability → id of the plugin that serves it. */
  capabilities: { [name: string]: string }
  /** Taps of each hook, in the order they run. */
  hooks: { [hook in HookName]: readonly TapInfo[] }
  dialects: string[]
  providers: { id: string; kind: string; dialect?: string; address?: string; vendor?: string; asksOthers?: boolean }[]
  models: { name: string; targets: string[] }[]
  routes: { method: string; path: string; permission: string; about?: JsonObject; plugin: string }[]
}

export function inspect({ config, registry, revision }: Kernel): GatewayInspection {
  const names = (tokens: readonly { name: string }[] = []): string[] => tokens.map(({ name }) => name)
  const shown = {
    revision,
    server: config.server,
    plugins: registry.plugins.map(
      ({ id, definition: { name, version, provides, requires }, settings: { when }, given }) => ({
        id,
        name,
        version,
        options: given,
        when: when ?? null,
        provides: names(provides),
        requires: names(requires),
      }),
    ),
    capabilities: Object.fromEntries([...registry.capabilities].map(([name, { id }]) => [name, id])),
    hooks: Object.fromEntries(eachHook(registry.hooks).map(([name, hook]) => [name, hook.taps])),
    dialects: [...registry.dialects.keys()],
    providers: [...registry.providers].map(([id, provider]) => {
      const { kind, vendor } = provider
      return kind === 'wire'
        ? { id, kind, dialect: provider.dialect, address: provider.address, vendor }
        : { id, kind, vendor, asksOthers: provider.asksOthers }
    }),
    models: [...config.models.values()].map(({ name, targets }) => ({
      name,
      targets: targets.map(({ provider, model }) => `${provider}/${model}`),
    })),
    routes: registry.routes.map(({ method, path, rules, plugin }) => ({ method, path, ...rules, plugin })),
  }
  const text = JSON.stringify(shown, (_, value: unknown) => (typeof value === 'function' ? '[function]' : value))
  return JSON.parse(mask(text, config.secrets)) as GatewayInspection
}
