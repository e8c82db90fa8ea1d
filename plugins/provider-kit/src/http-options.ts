/** The options that all providers over HTTP share. */
import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import type { HttpProviderOptions, OutgoingRequest } from './http-provider.ts'
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
 * @param vendorHeaders what the vendor wants, the credential first of all, or what finds it for a request;
 *   lower-case names. Configured headers win.
 */
export function httpOptionsOf(
  { headers = {}, timeouts, http2 = false, models }: Static<typeof HttpOptions>,
  vendorHeaders: Headers | ((request: OutgoingRequest) => Promise<Headers>),
): Pick<HttpProviderOptions, 'headers' | 'timeouts' | 'http2' | 'models'> {
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const fixed = { ...(typeof vendorHeaders === 'function' ? {} : vendorHeaders), ...own }
  return {
    headers:
      typeof vendorHeaders === 'function'
        ? async (request) => ({ ...(await vendorHeaders(request)), ...own })
        : () => fixed,
    timeouts: timeoutsOf(timeouts),
    http2,
    ...(models && { models }),
  }
}
