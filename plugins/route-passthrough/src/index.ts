/** `@sluice/route-passthrough`: whatever else a provider's API has, as it is. */
import { definePlugin, Type } from '@sluice/core'
import { METHODS, passthroughDialect } from './dialect.ts'

/** Adds the dialect `passthrough` with its endpoints, and taps `onResponse`. */
export const passthrough = definePlugin({
  name: 'route-passthrough',
  version: '0.1.0',
  api: 1,
  options: Type.Object(
    {
      providers: Type.Optional(
        Type.Array(Type.String({ minLength: 1 }), {
          description: 'Ids of the providers that may be reached. Default: all that are configured.',
        }),
      ),
      methods: Type.Optional(
        Type.Array(Type.Enum([...METHODS]), {
          minItems: 1,
          description: 'HTTP methods that are passed on. Default: all.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  setup({ options: { providers, methods = METHODS }, addDialect, hooks }) {
    const dialect = passthroughDialect(methods, providers)
    addDialect(dialect)
    hooks.onResponse.tap('sandbox', (reply, exchange) => {
      // A page from an upstream must not run scripts where the gateway's own pages come from.
      if (exchange.dialect === dialect) reply.headers['content-security-policy'] = 'sandbox'
    })
  },
})
