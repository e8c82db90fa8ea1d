/** Puts plugins into set-up order: whoever provides a capability before whoever uses it, else as configured. */
import type { ConfiguredPlugin } from './config.ts'
import type { ErrorCode } from './errors.ts'

export type Problem = { code: ErrorCode; text: string }
/** Capability name → the plugin instance that serves it. */
export type Providers = ReadonlyMap<string, ConfiguredPlugin>

/** Finds the one provider of each capability; `named` settles ties. */
export function findProviders(
  plugins: readonly ConfiguredPlugin[],
  named: { readonly [capability: string]: string },
  problems: Problem[],
): Providers {
  const provided = plugins.flatMap((plugin) => (plugin.definition.provides ?? []).map(({ name }) => ({ name, plugin })))
  const providers = new Map<string, ConfiguredPlugin>()
  for (const [name, group] of Map.groupBy(provided, ({ name }) => name)) {
    const ids = group.map(({ plugin }) => plugin.id)
    const chosen = group.length === 1 ? group[0] : group.find(({ plugin }) => plugin.id === named[name])
    const cure = `Name one: capabilities: { ${name}: '${ids[0]}' }.`
    if (chosen) providers.set(name, chosen.plugin)
    else
      problems.push({ code: 'config_invalid', text: `capabilities.${name}: ${ids.join(', ')} all provide it. ${cure}` })
  }
  return providers
}

/** Sorts; reports required capabilities that nobody provides, and circles. */
export function setUpOrder(
  plugins: readonly ConfiguredPlugin[],
  providers: Providers,
  problems: Problem[],
): ConfiguredPlugin[] {
  const sorted = new Set<ConfiguredPlugin>()
  const visit = (plugin: ConfiguredPlugin, path: readonly ConfiguredPlugin[]): void => {
    if (sorted.has(plugin)) return
    if (path.includes(plugin)) {
      const circle = [...path.slice(path.indexOf(plugin)), plugin].map(({ id }) => id).join(' → ')
      return void problems.push({ code: 'capability_cycle', text: `plugins: ${circle} need each other in a circle.` })
    }
    const { requires = [], uses = [] } = plugin.definition
    for (const { name, plugins: known } of requires.filter((token) => !providers.has(token.name))) {
      const cure = known.length > 0 ? ` Add one of: ${known.join(', ')}.` : ''
      const text = `plugins[${plugin.id}]: needs "${name}", which no configured plugin provides.${cure}`
      problems.push({ code: 'capability_missing', text })
    }
    for (const { name } of [...requires, ...uses]) {
      const provider = providers.get(name)
      if (provider) visit(provider, [...path, plugin])
    }
    for (const { path: at, reference } of plugin.deferred) {
      const resolver = plugins.find(({ definition }) => definition.resolves?.includes(reference.scheme))
      if (resolver) visit(resolver, [...path, plugin])
      else problems.push({ code: 'config_invalid', text: `${at}: no plugin resolves "${reference.address}".` })
    }
    sorted.add(plugin)
  }
  for (const plugin of plugins) visit(plugin, [])
  return [...sorted]
}
