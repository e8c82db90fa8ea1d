/** The dialect `passthrough`: bodies of any kind, which pass unread in both directions. */
import { GatewayError } from '@sluice/core'
import type { Dialect, Endpoint } from '@sluice/core'
import { REPLY_HEADERS, REQUEST_HEADERS } from './headers.ts'
import { locate } from './route.ts'

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const satisfies Endpoint['method'][]

/** @param providers ids of those that may be reached; undefined for all */
export function passthroughDialect(methods: readonly Endpoint['method'][], providers?: readonly string[]): Dialect {
  return {
    name: 'passthrough',
    codecs: {},
    raw: { passthrough: { locate: (request) => locate(request, providers) } },
    endpoints: [...new Set(methods)].map((method): Endpoint => {
      return { method, path: '/passthrough/:provider/{*path}', operation: 'passthrough' }
    }),
    requestHeaders: REQUEST_HEADERS,
    replyHeaders: REPLY_HEADERS,
    encodeError: ({ code, message, param }, id) => ({
      error: { code, message, ...(param !== undefined && { param }), request_id: id },
    }),
    // No upstream speaks this dialect: refusals are judged in the provider's own, and streams are never written.
    encodeStreamError: () => '',
    decodeError: (status) =>
      new GatewayError('upstream_error', `The provider answered with status ${status}.`, { status }),
  }
}
