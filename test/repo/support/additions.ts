/** What plugins add to a gateway, caught while it boots. */
import type { Dialect, PluginInstance, Provider, SetupContext } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway } from '@sluice/core/testing'

export interface Additions {
  gateway: TestGateway
  dialects: Dialect[]
  /** By the id of their instance. */
  providers: Map<string, Provider>
}

/** Boots `plugins`. The caller closes the gateway. */
export async function bootWith(plugins: readonly PluginInstance[]): Promise<Additions> {
  const dialects: Dialect[] = []
  const providers = new Map<string, Provider>()
  const watched = plugins.map((plugin): PluginInstance => {
    const setup = (context: SetupContext<never, never>): unknown =>
      plugin.definition.setup({
        ...context,
        addDialect(dialect) {
          dialects.push(dialect)
          context.addDialect(dialect)
        },
        addProvider(provider) {
          providers.set(context.id, provider)
          context.addProvider(provider)
        },
      })
    return { ...plugin, definition: { ...plugin.definition, setup: setup as typeof plugin.definition.setup } }
  })
  return { gateway: await createTestGateway({ plugins: watched }), dialects, providers }
}
