/** The dialect `openai-realtime`: sessions over WebSockets, whose frames pass as they come. */
import { GatewayError } from '@sluice/core'
import type { Dialect, Endpoint } from '@sluice/core'
import { locate } from './route.ts'

/** Where OpenAI's clients call, those of Azure's v1 API, and those of Azure's versions before. */
const PATHS = ['/v1/realtime', '/openai/v1/realtime', '/openai/realtime']

/** @param usual the model of sessions that name none */
export function realtimeDialect(usual?: string): Dialect {
  return {
    name: 'openai-realtime',
    codecs: {},
    raw: { realtime: { locate: (request) => locate(request, usual) } },
    endpoints: PATHS.map((path): Endpoint => ({ method: 'GET', path, operation: 'realtime' })),
    // The key goes up, so that the upstream's answer to it fits at the client. No extensions: compressed frames could not be read.
    requestHeaders: ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-protocol', 'openai-beta'],
    replyHeaders: ['sec-websocket-accept', 'sec-websocket-protocol', 'openai-*', 'x-ratelimit-*', 'retry-after'],
    encodeError: ({ code, message, param }) => ({ error: { message, type: code, code, param: param ?? null } }),
    // What can be said in a session is said by its reader.
    encodeStreamError: () => '',
    // Refusals are read as those of chats; this is for gateways without their dialect.
    decodeError: (status) => new GatewayError('upstream_error', `The provider answered with status ${status}.`),
  }
}
