/** `@sluice/auth-mtls`: client certificates. */
import { definePlugin, Type } from '@sluice/core'
import { Holders } from './holders.ts'
import { Options } from './options.ts'
import { ruleOf } from './rules.ts'

/** Knows callers by the certificates that they show; `server.tls` has them asked for and checked. */
export const mtlsAuth = definePlugin({
  name: 'auth-mtls',
  version: '0.1.0',
  api: 1,
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  setup({ id, options, hooks, log }) {
    const holders = new Holders(options.clients.map((client) => ruleOf(client, id)))
    hooks.ready.tap('authority', (gateway) => {
      const { tls } = gateway.inspect().server as { tls?: { ca?: string; requestCert?: boolean } }
      holders.hasAuthority = tls?.ca !== undefined
      if (!tls?.ca || !tls.requestCert)
        log.warn('nobody is known by certificate: that needs server.tls with requestCert and ca')
    })
    hooks.authenticate.tap(
      'certificate',
      ({ start: { certificate } }) => certificate && holders.principalOf(certificate),
    )
  },
})
