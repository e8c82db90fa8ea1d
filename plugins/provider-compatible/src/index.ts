/** `@sluice/provider-compatible`: vendors and local servers whose APIs are modelled on OpenAI's. */
import { definePlugin, env, Type } from '@sluice/core'
import type { PluginInstance } from '@sluice/core'
import { ApiKey, httpOptionsOf, HttpOptions, httpProvider, withApiKeys } from '@sluice/provider-kit'
import { adaptTo } from './adapt.ts'
import { dialectsOf, pathsOf } from './offers.ts'
import { joined, QuirkOptions } from './quirks.ts'
import { PLAIN, VENDORS } from './vendors.ts'
import type { Vendor, VendorName } from './vendors.ts'

export { VENDORS } from './vendors.ts'
export type { Offer } from './offers.ts'
export type { Vendor, VendorName } from './vendors.ts'

/** Adds a provider under the vendor's name. */
export const compatible = definePlugin({
  name: 'provider-compatible',
  version: '0.1.0',
  api: 1,
  id: ({ vendor }) => vendor,
  options: Type.Object(
    {
      vendor: Type.Enum(Object.keys(VENDORS) as VendorName[], {
        description: 'Whose API it is; `custom` for any other.',
      }),
      apiKey: Type.Optional(ApiKey),
      baseUrl: Type.Optional(
        Type.String({ description: "Address of the API, with the version in its path. Default: the vendor's." }),
      ),
      quirks: QuirkOptions,
      ...HttpOptions.properties,
    },
    { additionalProperties: false },
  ),
  setup({ options, addProvider, onClose }) {
    const { vendor: name, apiKey, quirks = {} } = options
    const vendor: Vendor = VENDORS[name]
    const baseUrl = options.baseUrl ?? vendor.baseUrl
    if (baseUrl === '') throw new Error(`baseUrl is required for the vendor "${name}"`)
    if (vendor.env !== undefined && apiKey === undefined) {
      throw new Error(`apiKey is required for the vendor "${name}", e.g. apiKey: env('${vendor.env}')`)
    }
    const pathOf = pathsOf(vendor.offers)
    const make = (key?: string): ReturnType<typeof httpProvider> =>
      httpProvider({
        vendor: name,
        dialect: 'openai-chat',
        also: dialectsOf(vendor.offers),
        baseUrl,
        path: (operation, _model, _stream, dialect) => pathOf(operation, dialect),
        adapt: adaptTo(joined(vendor.quirks ?? {}, quirks), vendor.embeddings ?? PLAIN),
        ...httpOptionsOf(options, key === undefined ? {} : { authorization: `Bearer ${key}` }),
      })
    const { provider, close } = apiKey === undefined ? make() : withApiKeys(apiKey, make)
    addProvider(provider)
    onClose(close)
  },
})

/** A provider for each vendor whose key is in `environment`, under the vendor's name; for use in `plugins`. */
export function vendorsIn(environment: NodeJS.ProcessEnv): PluginInstance[] {
  const vendors = Object.entries<Vendor>(VENDORS) as [VendorName, Vendor][]
  return vendors.flatMap(([vendor, { env: name }]) =>
    name !== undefined && environment[name] ? compatible({ vendor, apiKey: env(name) }) : [],
  )
}
