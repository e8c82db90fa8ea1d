/** What permissions come to, worked out from how they are written, apart from the plugin that does so. */
import type { GatewayInspection } from '@sluice/core'

/** `permissions` as their roles have them; undefined for whoever has no credential. */
export type Caller = { name: string; key: string; permissions: readonly string[] | undefined }
type Outcome = 'unknown' | 'refused' | 'let in'

/** What becomes of a call of a route. */
export function mayCall({ permissions }: Caller, { permission, about }: GatewayInspection['routes'][number]): Outcome {
  if (permission === 'public') return 'let in'
  if (!permissions) return 'unknown'
  if (permission === 'authenticated' || permissions.includes('*')) return 'let in'
  const [resource = '', action = ''] = permission.split(':')
  const held = [resource, '*'].flatMap((name) => [action, '*'].map((what) => `${name}:${what}`))
  if (held.some((each) => permissions.includes(each))) return 'let in'
  const isOwnTeams = held.some((each) => permissions.includes(`${each}@team`))
  return isOwnTeams && about?.['x-sluice-minds-team'] === true ? 'let in' : 'refused'
}

/** What becomes of a call of an endpoint, with models that no permission names. */
export function mayUse({ permissions }: Caller, operation: string): Outcome {
  if (!permissions) return 'unknown'
  const uses = permissions.filter((permission) => /^(operation|model):/.test(permission))
  const wanted =
    operation === 'models'
      ? ['*', 'models:read', 'models:*', '*:read', '*:*', ...uses]
      : ['*', 'operation:*', `operation:${operation}`]
  return wanted.some((each) => permissions.includes(each)) ? 'let in' : 'refused'
}
