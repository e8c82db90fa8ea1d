import { adminRoute, ListQuery, page, pageOf, pageSchema } from '@sluice/admin-kit'
import { Type } from '@sluice/core'
import type { Gateway, GatewayInspection, JsonObject, PluginRouter } from '@sluice/core'

const Model = Type.Object({
  id: Type.String({ description: 'As clients name it.' }),
  targets: Type.Array(Type.String(), {
    description: 'In the order in which they are tried, unless a plugin says otherwise.',
  }),
  providers: Type.Array(Type.String()),
  about: Type.Optional(Type.Object({}, { additionalProperties: true })),
})
const Provider = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['wire', 'local']),
  dialect: Type.Optional(Type.String()),
  address: Type.Optional(Type.String()),
  models: Type.Integer({ description: 'How many it lists.' }),
})
const Query = Type.Object(
  {
    ...ListQuery.properties,
    search: Type.Optional(Type.String({ maxLength: 256, description: 'Part of the name.' })),
    provider: Type.Optional(Type.String({ maxLength: 256, description: 'One that serves it.' })),
  },
  { additionalProperties: false },
)

export function mountModels(router: PluginRouter, gateway: Gateway): void {
  const models = {
    method: 'get',
    path: '/models',
    permission: 'models:read',
    summary: 'List the models that clients can name.',
    query: Query,
    response: pageSchema(Model),
  } as const
  const targets = once(() => new Map(gateway.inspect().models.map((model) => [model.name, model.targets])))
  adminRoute({ router }, models, ({ query }) => {
    const { search = '', provider } = query
    const { after = '', limit } = pageOf(query)
    const rows = modelsOf(gateway, targets()).filter(({ id, providers }) => {
      return id > after && id.includes(search) && (provider === undefined || providers.includes(provider))
    })
    return page(
      rows,
      limit,
      ({ id }) => id,
      (row) => row,
    )
  })

  const providers = {
    method: 'get',
    path: '/providers',
    permission: 'providers:read',
    summary: 'List the providers that are configured.',
    query: ListQuery,
    response: pageSchema(Provider),
  } as const
  const configured = once(() => gateway.inspect().providers)
  adminRoute({ router }, providers, ({ query }) => {
    const { after = '', limit } = pageOf(query)
    const rows = providersOf(gateway, configured()).filter(({ id }) => id > after)
    return page(
      rows,
      limit,
      ({ id }) => id,
      (row) => row,
    )
  })
}

/** Plugins may make models while the gateway runs. @param targets of the models of the config */
function modelsOf(
  gateway: Gateway,
  targets: ReadonlyMap<string, readonly string[]>,
): (JsonObject & { id: string; providers: readonly string[] })[] {
  const rows = gateway.models().map(({ name, owners, about }) => {
    return { id: name, targets: targets.get(name) ?? [name], providers: owners, ...(about && { about }) }
  })
  return rows.sort(byId)
}

function providersOf(gateway: Gateway, configured: GatewayInspection['providers']): (JsonObject & { id: string })[] {
  const counts = Map.groupBy(gateway.models(), ({ name }) => name.slice(0, name.indexOf('/')))
  const rows = configured.map((each) => ({ ...each, models: counts.get(each.id)?.length ?? 0 }))
  return rows.sort(byId)
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1)

/** What a config says holds as long as it does: it is made when somebody asks, and then stays. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
