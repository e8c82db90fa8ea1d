import { capability } from '@sluice/core'
import type { Principal } from '@sluice/core'

/** What roles mean, and who may hand them out. */
export interface Roles {
  /** What all of these roles permit together; roles that nobody has defined permit nothing. */
  permissionsOf(roles: readonly string[]): readonly string[]
  /** Whether the principal holds all that the roles permit, so that it may give them to others. */
  mayGrant(principal: Principal, roles: readonly string[]): boolean
}

/** Named by plugins in `uses`. */
export const Roles = capability<Roles>('Roles', { plugins: ['access-rbac'] })

const ALL: readonly string[] = Object.freeze(['*'])
const NONE: readonly string[] = Object.freeze([])

/** What roles permit where no plugin says more: `admin` everything, any other nothing beyond calling models. */
export function basicPermissions(roles: readonly string[]): readonly string[] {
  return roles.includes('admin') ? ALL : NONE
}

/** Whether the principal may do everything. */
export function isAllPowerful({ permissions = NONE }: Principal): boolean {
  return permissions.includes('*')
}
