/** Whom a provider of this gateway buys from. */
import type { Gateway } from '@sluice/core'

/** `vendor`: as the price list calls it. Without one, the address may tell. `own`: nobody, this gateway answers itself. */
export type Seller = { vendor?: string; address?: string; own: boolean }

/** What a gateway's own providers call their vendor: they cost nothing themselves. */
const OURSELVES = 'sluice'
/** Whose APIs can be anybody's. */
const ANYBODY = 'custom'
/** Vendors that the price list knows by another name. */
const OTHER_NAMES: { readonly [vendor: string]: string } = {
  moonshot: 'moonshotai',
  voyage: 'voyageai',
  xai: 'x-ai',
}

/** The sellers behind the providers of the config in force, by provider id. */
export function sellersIn(gateway: Gateway): Map<string, Seller> {
  return new Map(
    gateway.inspect().providers.map(({ id, vendor, address }) => [
      id,
      {
        own: vendor === OURSELVES,
        ...(vendor !== undefined && vendor !== ANYBODY && { vendor: OTHER_NAMES[vendor] ?? vendor }),
        ...(address !== undefined && { address }),
      },
    ]),
  )
}
