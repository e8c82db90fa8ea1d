/** `@sluice/auth-jwt`: access tokens of an identity provider. */
import { presentedCredential } from '@sluice/auth-kit'
import { definePlugin, milliseconds, Type } from '@sluice/core'
import { claimsReader } from './claims.ts'
import { Introspection } from './introspection.ts'
import { Issuer } from './issuer.ts'
import { JwtVerifier } from './jwt.ts'
import { keysOf } from './keys.ts'
import { Options } from './options.ts'
import { Tokens } from './tokens.ts'

/** Knows callers by JWTs, and by tokens that their issuer is asked about. */
export const jwtAuth = definePlugin({
  name: 'auth-jwt',
  version: '0.1.0',
  api: 1,
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  setup({ id, options, hooks, gateway, log, onClose }) {
    const issuer = new Issuer(options.issuer, milliseconds(options.timeout ?? '5s'))
    onClose(() => issuer.close())
    const keys = keysOf(options, issuer, gateway, log)
    const tokens = new Tokens(claimsReader(options, id), options)

    const jwts = new JwtVerifier(options, keys.find)
    hooks.ready.tap('keys', () => void keys.warm())
    hooks.authenticate.tap('jwt', (exchange) => {
      const token = presentedCredential(exchange)
      if (token === undefined) return undefined
      const known = tokens.get(token)
      if (known || !jwts.recognises(token)) return known
      return jwts.claimsOf(token, exchange.log).then((claims) => tokens.add(token, claims))
    })
    if (!options.introspection) return
    const introspection = new Introspection(issuer, options, options.introspection, log)
    // Whoever knows a token by its form comes first: it is nobody's else business.
    hooks.authenticate.tap({ name: 'introspection', stage: 'late' }, (exchange) => {
      const token = presentedCredential(exchange)
      if (token === undefined || !introspection.recognises(token)) return undefined
      return introspection.claimsOf(token).then((claims) => claims && tokens.add(token, claims))
    })
  },
})
