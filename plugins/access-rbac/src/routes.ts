import { MINDS_TEAM } from '@sluice/admin-kit'
import { GatewayError } from '@sluice/core'
import type { Exchange, GatewayInspection } from '@sluice/core'
import type { Rights } from './rights.ts'

/** Operator routes. That the caller has the permission is the kernel's to check; how far it reaches, is not. */
export class Routes {
  /** By method and path. */
  readonly #all = new Map<string, { permission: string; mindsTeam: boolean }>()

  learn(routes: GatewayInspection['routes']): void {
    for (const { method, path, permission, about } of routes)
      this.#all.set(`${method.toUpperCase()} ${path}`, { permission, mindsTeam: about?.[MINDS_TEAM] === true })
  }

  /** @throws GatewayError `permission_denied` for callers that may see their own team's things, where a route shows all */
  check({ start: { method, endpoint } }: Exchange, rights: Rights): void {
    if (!rights.isPartial) return
    const route = this.#all.get(`${method === 'HEAD' ? 'GET' : method} ${endpoint.path}`)
    if (route && (route.mindsTeam || rights.reach(route.permission) !== 'team')) return
    throw new GatewayError(
      'permission_denied',
      'Your roles reach only what belongs to your own team, and this reaches more.',
    )
  }
}
