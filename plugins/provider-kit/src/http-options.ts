/** The options that all providers over HTTP share. */
import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import type { HttpProviderOptions } from './http-provider.ts'
import { TimeoutOptions, timeoutsOf } from './timeouts.ts'

/** Schema of these options; spread its `properties` into a plugin's own. */
export const HttpOptions = Type.Object(
  {
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Headers to send with every request.' }),
    ),
    timeouts: TimeoutOptions,
    http2: Type.Optional(Type.Boolean({ default: false, description: 'Speak HTTP/2 if the upstream offers it.' })),
    models: Type.Optional(
      Type.Array(Type.String(), { description: "Model names to show in the gateway's model list." }),
    ),
  },
  { additionalProperties: false },
)

type Headers = { readonly [name: string]: string }

/**
 * These options as `httpProvider` takes them.
 * @param vendorHeaders what the vendor wants, the credential first of all; lower-case names. Configured headers win.
 */
export function httpOptionsOf(
  { headers = {}, timeouts, http2 = false, models }: Static<typeof HttpOptions>,
  vendorHeaders: Headers,
): Pick<HttpProviderOptions, 'headers' | 'timeouts' | 'http2' | 'models'> {
  const sent: { [name: string]: string } = { ...vendorHeaders }
  for (const [name, value] of Object.entries(headers)) sent[name.toLowerCase()] = value
  return { headers: () => sent, timeouts: timeoutsOf(timeouts), http2, ...(models && { models }) }
}
