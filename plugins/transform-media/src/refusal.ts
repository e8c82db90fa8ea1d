/** Why something at an address is not fetched, in words for the client. */
import { invalidRequest } from '@sluice/core'
import type { GatewayError } from '@sluice/core'

/** Characters of an address that are shown. */
const SHOWN = 200

/** Ends a sentence that begins with the address: `it …`. */
export class Refusal extends Error {}

/** @param why the words of a `Refusal` */
export function refusalOf(address: string, why: string): GatewayError {
  return invalidRequest(`The media at "${shown(address)}" cannot be fetched: ${why}.`, 'messages')
}

/** Without its query and credentials: errors are logged, and these may be secrets. */
export function shown(address: string): string {
  const url = URL.parse(address)
  const text = url ? `${url.protocol}//${url.host}${url.pathname}` : address.replace(/[?#].*/s, '')
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}
