import type { ErrorCode, GatewayError } from '@sluice/core'

/** Of RFC 6455, section 7.4.1, and IANA's registry of close codes, those that browsers take too. */
const CODES: { readonly [code in ErrorCode]?: number } = {
  shutting_down: 1012, // service restart
  overloaded: 1013, // try again later
  upstream_timeout: 1001, // going away
}
const INTERNAL_ERROR = 1011

/** Bytes of the longest reason: a control frame holds 125. */
const LONGEST = 123

const UTF8 = new TextEncoder()

/** What ends a WebSocket and says why. */
export function closeFrame({ code, message }: GatewayError): Buffer {
  const payload = Buffer.alloc(2 + LONGEST)
  payload.writeUInt16BE(CODES[code] ?? INTERNAL_ERROR)
  const { written } = UTF8.encodeInto(message, payload.subarray(2)) // whole characters only
  return Buffer.concat([Buffer.from([0x88, 2 + written]), payload.subarray(0, 2 + written)])
}
