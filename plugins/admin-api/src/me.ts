import { ADMIN_PATH, adminRoute } from '@sluice/admin-kit'
import { Type } from '@sluice/core'
import type { JsonObject, PluginRouter, Principal } from '@sluice/core'

export const ME_PATH = `${ADMIN_PATH}/me`
export const ME_PERMISSION = 'me:read'

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
  const route = { method: 'get', path: '/me', permission: ME_PERMISSION, summary: 'Show who you are.' } as const
  adminRoute({ router }, { ...route, response: Me }, ({ principal }) => view(principal))
}

/** Without `metadata`, which is the plugins' own. */
function view({ tags = [], roles = [], permissions = [], scopes = [], metadata: _, ...who }: Principal): JsonObject {
  return { ...who, tags, roles, permissions: permissions.filter((each) => each !== ME_PERMISSION), scopes }
}
