/** `@sluice/access-rbac`: roles, and the users, teams and organisations that callers belong to. */
import { Audit } from '@sluice/admin-kit'
import { Roles } from '@sluice/auth-kit'
import { definePlugin, Type } from '@sluice/core'
import { Store } from '@sluice/store-kit'
import { Access } from './access.ts'
import { Directory } from './directory.ts'
import { Mirrors } from './mirrors.ts'
import { Options } from './options.ts'
import { mountUnits } from './resources.ts'
import { RoleBook } from './role-book.ts'
import { mountRoles } from './role-resource.ts'
import { Routes } from './routes.ts'

/** Provides `Roles`. Whatever no role permits is refused. */
export const rbac = definePlugin({
  name: 'access-rbac',
  version: '0.1.0',
  api: 1,
  provides: [Roles],
  uses: [Store, Audit],
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  async setup({ options, hooks, find, provide, router, log, onClose }) {
    const roles = new RoleBook(options.roles ?? {}, log)
    const directory = new Directory(options.unknown === 'refuse')
    const routes = new Routes()
    const store = find(Store)
    provide(Roles, roles)

    const mirrors = store && new Mirrors(store, roles, directory, () => access.forget(), log)
    const access = new Access(roles, directory, routes, () => mirrors?.isLoaded ?? true)
    hooks.authorize.tap({ name: 'roles', stage: 'first' }, (exchange) => access.check(exchange))
    hooks.ready.tap('routes', (gateway) => {
      const mounted = gateway.inspect().routes
      routes.learn(mounted)
      roles.learn(mounted.map(({ permission }) => permission))
      access.forget()
    })
    if (!store || !mirrors) return
    const admin = { router, store, audit: find(Audit) }
    mountRoles(admin, roles)
    mountUnits(admin, roles)
    onClose(() => mirrors.stop())
    await mirrors.start()
  },
})
