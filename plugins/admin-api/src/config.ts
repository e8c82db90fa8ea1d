import { adminRoute } from '@sluice/admin-kit'
import { Type } from '@sluice/core'
import type { Gateway, JsonObject, PluginRouter } from '@sluice/core'
import { once } from './models.ts'

const anything = () => Type.Object({}, { additionalProperties: true })
const Config = Type.Object({
  revision: Type.Integer({ description: 'Number of the config in force; the first is 1.' }),
  server: anything(),
  plugins: Type.Array(anything(), { description: 'In the order they were set up.' }),
  capabilities: anything(),
  hooks: anything(),
  dialects: Type.Array(Type.String()),
})

export function mountConfig(router: PluginRouter, gateway: Gateway): void {
  const route = {
    method: 'get',
    path: '/config',
    permission: 'config:read',
    summary: 'Show the config in force, its secrets masked.',
    response: Config,
  } as const
  const config = once(() => configOf(gateway))
  adminRoute({ router }, route, () => config())
}

function configOf(gateway: Gateway): JsonObject {
  const { revision, server, plugins, capabilities, hooks, dialects } = gateway.inspect()
  return { revision, server, plugins, capabilities, hooks, dialects }
}
