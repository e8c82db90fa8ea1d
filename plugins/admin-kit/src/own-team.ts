/**
 * Permissions that reach only as far as the holder's own team: `keys:read@team` beside `keys:read` in a principal's
 * list. Routes that do not say that they mind this are closed to such callers.
 */
import type { Principal } from '@sluice/core'

/** Field of a route's `about`, true if the route minds whose things a caller may reach. */
export const MINDS_TEAM = 'x-sluice-minds-team'

/** What stands beside `permission` where it holds for one's own team only. */
export function ownTeamOnly(permission: string): string {
  return `${permission}@team`
}

/** Whether `permission`, which the principal has, reaches what belongs to `team`; undefined is nobody's. */
export function mayReach({ permissions, team: own }: Principal, permission: string, team: string | undefined): boolean {
  return !permissions?.includes(ownTeamOnly(permission)) || (team !== undefined && team === own)
}
