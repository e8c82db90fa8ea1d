import { invalidRequest } from '@sluice/core'
import { addresses } from './addresses.ts'
import type { KeyInput } from './record.ts'

/** Characters of metadata as JSON: all keys are held in memory. */
const METADATA_LIMIT = 16_384

/** What a schema cannot say. @throws GatewayError `invalid_request` */
export function validate({ expiresAt, ips, metadata }: KeyInput): void {
  if (expiresAt !== undefined && Number.isNaN(Date.parse(expiresAt)))
    throw invalidRequest(`"${expiresAt}" is no moment there is.`, 'expiresAt')
  if (ips) addresses(ips)
  if (metadata && JSON.stringify(metadata).length > METADATA_LIMIT)
    throw invalidRequest(`The metadata is longer than ${METADATA_LIMIT} characters of JSON.`, 'metadata')
}
