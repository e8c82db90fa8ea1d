/** `@sluice/log-audit`: who did what, in a record that cannot be changed without that showing. */
import { Audit } from '@sluice/admin-kit'
import { definePlugin, milliseconds, Type } from '@sluice/core'
import { Journal, Store } from '@sluice/store-kit'
import { AccessWatch } from './access-watch.ts'
import { Chain } from './chain.ts'
import { options } from './options.ts'
import { keepFor } from './retention.ts'
import { mountRoutes } from './routes.ts'
import { hasher } from './row.ts'
import { Seal } from './seal.ts'
import { Verifier } from './verify.ts'
import { Writer } from './writer.ts'

/** Provides `Audit`. Taps `onComplete` and, if it is to refuse what it cannot record, `authorize`. */
export const auditLog = definePlugin({
  name: 'log-audit',
  version: '0.1.0',
  api: 1,
  requires: [Journal, Store],
  provides: [Audit],
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(options.properties, { additionalProperties: false }),
  setup({
    options: { retention, refusals = 10, whenUnavailable = 'allow', secret },
    hooks,
    get,
    provide,
    router,
    log,
    onClose,
  }) {
    const [journal, store] = [get(Journal), get(Store)]
    const hash = hasher(secret)
    const seal = new Seal(store, log)
    const chain = new Chain(journal, hash, (head) => seal.set(head))
    const writer = new Writer(chain, log)
    provide(Audit, writer)

    const watch = new AccessWatch(writer, refusals)
    hooks.onComplete.tap({ name: 'access', stage: 'last' }, (exchange) => watch.see(exchange))
    if (whenUnavailable === 'refuse') {
      const isChange = ({ operation, start }: { operation: string; start: { method: string } }): boolean =>
        operation === 'operator' && start.method !== 'GET' && start.method !== 'HEAD'
      hooks.authorize.tap({ name: 'recordable', stage: 'last', when: isChange }, () => writer.assertReachable())
    }
    mountRoutes(router, journal, new Verifier(journal, hash, seal))

    const stopKeeping = retention === undefined ? undefined : keepFor(milliseconds(retention), journal, writer, log)
    onClose(async () => {
      stopKeeping?.()
      watch.close()
      await writer.close()
      await seal.settled()
    })
  },
})
