/**
 * The message of `application/vnd.amazon.eventstream`
 * (https://smithy.io/2.0/aws/amazon-eventstream.html), all numbers big-endian:
 *
 *     4 total length · 4 length of the headers · 4 CRC-32 of these eight · headers · payload · 4 CRC-32 of all before
 */
import { GatewayError } from '@sluice/core'

export const CONTENT_TYPE = 'application/vnd.amazon.eventstream'
/** Bytes before the headers. */
export const PRELUDE = 12
/** Bytes of a message without headers and payload. */
export const OVERHEAD = PRELUDE + 4
/** Largest message accepted, in bytes. */
export const MESSAGE_LIMIT = 16 * 1024 * 1024
/** Most bytes of headers that the format allows. */
export const HEADERS_LIMIT = 128 * 1024

/** What came over the wire is no message. */
export function broken(what: string): GatewayError {
  return new GatewayError('upstream_error', `The upstream sent an event-stream message ${what}.`)
}
