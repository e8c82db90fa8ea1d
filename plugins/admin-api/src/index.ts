/** `@sluice/admin-api`: what the gateway is made of, for operators, and the description of all that they can do. */
import { ANONYMOUS, definePlugin } from '@sluice/core'
import { mountConfig } from './config.ts'
import { ME_PATH, ME_PERMISSION, mountMe } from './me.ts'
import { mountModels } from './models.ts'
import { mountOpenapi } from './openapi.ts'

/** Taps `authorize`: whoever has shown a credential may see what it is worth. */
export const adminApi = definePlugin({
  name: 'admin-api',
  version: '0.1.0',
  api: 1,
  setup({ router, gateway, hooks }) {
    mountModels(router, gateway)
    mountConfig(router, gateway)
    mountMe(router)
    mountOpenapi(router, gateway)

    const own = { name: 'own', stage: 'last', when: isAboutSelf } as const
    hooks.authorize.tap(own, (exchange) => {
      const { principal } = exchange
      if (principal.id === ANONYMOUS.id) return
      exchange.principal = { ...principal, permissions: [...(principal.permissions ?? []), ME_PERMISSION] }
    })
  },
})

function isAboutSelf({ operation, start }: { operation: string; start: { endpoint: { path: string } } }): boolean {
  return operation === 'operator' && start.endpoint.path === ME_PATH
}
