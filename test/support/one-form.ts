import type { PluginInstance, Provider, SetupContext } from '@sluice/core'

/** The provider of `plugin`, with no other dialect than its first: clients of its others are then translated to it. */
export function oneForm(plugin: PluginInstance): PluginInstance {
  const { definition } = plugin
  const setup: typeof definition.setup = (context) => {
    const addProvider = (provider: Provider): void => {
      if (provider.kind === 'local') return context.addProvider(provider)
      const { also: _, ...rest } = provider
      context.addProvider(rest)
    }
    return definition.setup(
      Object.assign(Object.create(context) as SetupContext<never, never>, { addProvider }) as never,
    )
  }
  return { ...plugin, definition: { ...definition, setup } }
}
