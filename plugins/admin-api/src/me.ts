import { adminRoute } from '@sluice/admin-kit'
import { Type } from '@sluice/core'
import type { JsonObject, PluginRouter, Principal } from '@sluice/core'

const text = () => Type.Optional(Type.String())
const texts = () => Type.Array(Type.String())

const Me = Type.Object({
  id: Type.String(),
  name: text(),
  key: text(),
  user: text(),
  team: text(),
  organisation: text(),
  tags: texts(),
  roles: texts(),
  permissions: texts(),
  scopes: Type.Array(
    Type.Object({ kind: Type.String(), id: Type.String(), sections: Type.Object({}, { additionalProperties: true }) }),
    { description: 'Whose limits hold: the key, its user, the team, the organisation.' },
  ),
})

export function mountMe(router: PluginRouter): void {
  const route = { method: 'get', path: '/me', permission: 'authenticated', summary: 'Show who you are.' } as const
  adminRoute({ router }, { ...route, response: Me }, ({ principal }) => view(principal))
}

/** Without `metadata`, which is the plugins' own. */
function view({ tags = [], roles = [], permissions = [], scopes = [], metadata: _, ...who }: Principal): JsonObject {
  return { ...who, tags, roles, permissions, scopes }
}
