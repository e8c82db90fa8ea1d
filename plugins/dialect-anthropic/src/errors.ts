/** Errors of the Messages API, both directions (https://platform.claude.com/docs/en/api/errors). */
import { GatewayError } from '@sluice/core'
import type { ErrorCode, ErrorDetails, JsonObject, UpstreamFault } from '@sluice/core'
import { defined, isObject, objectOf, retryAfter, sseFrame, textOf } from '@sluice/dialect-kit'
import type { IncomingHttpHeaders } from 'node:http'
import { NAME } from './extensions.ts'
import { limitReset } from './limit-reset.ts'

const TYPES: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
])
/** `overloaded_error` is 529, the later entry. */
const STATUSES: ReadonlyMap<string, number> = new Map([...TYPES].map(([status, type]) => [type, status]))

/** An error reply in Anthropic's envelope. An error that came from Anthropic goes out as it came. */
export function encodeError(error: GatewayError, requestId: string): JsonObject {
  const fault = error.upstream
  if (fault?.dialect === NAME && fault.status === error.status && isEnvelope(fault.body)) return fault.body
  const type = TYPES.get(error.status) ?? (error.status < 500 ? 'invalid_request_error' : 'api_error')
  const details = error.param === 'thread' ? { details: NO_THREADS } : {}
  return { type: 'error', error: { type, message: error.message, ...details }, request_id: requestId }
}

/** Tells Anthropic's SDKs to send the whole conversation themselves, as they do for hosts without threads. */
const NO_THREADS: JsonObject = { error_code: 'thread_unsupported_request' }

/** The `error` event that ends a stream in place of `message_stop`. */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  return sseFrame(JSON.stringify(encodeError(error, requestId)), 'error')
}

/** What an upstream of this dialect refused with, as an error of the gateway. */
export function decodeError(status: number, headers: IncomingHttpHeaders, body: unknown): GatewayError {
  const { message, type } = wordsOf(body)
  const { code, own, ...details } = judge(status, type, message)
  const upstream = defined<UpstreamFault>({
    status,
    type,
    requestId: textOf(headers['request-id']) ?? textOf(objectOf(body)?.request_id),
    body,
    dialect: NAME,
  })
  const wait = retryAfter(headers) ?? (status === 429 ? limitReset(headers) : undefined)
  const text = own ?? message ?? `The provider answered with status ${status}.`
  return new GatewayError(code, text, defined<ErrorDetails>({ ...details, retryAfter: wait, upstream }))
}

/** An error that the upstream sent inside a stream or a 200. */
export function decodeErrorEvent(event: JsonObject): GatewayError {
  const type = textOf(objectOf(event.error)?.type)
  return decodeError(STATUSES.get(type ?? '') ?? 500, {}, event)
}

interface Judgement {
  code: ErrorCode
  /** If it is not the code's own. */
  status?: number
  /** Said in place of the provider's words, which are about the gateway and not for the client. */
  own?: string
}

function judge(status: number, type: string | undefined, message = ''): Judgement {
  if (status === 401 || status === 403) {
    return { code: 'upstream_error', own: "The provider refused the gateway's credential." }
  }
  // An account without money is refused with 400 and 402 alike.
  if (status === 402 || type === 'billing_error' || /credit balance is too low/i.test(message)) {
    return { code: 'upstream_error', own: "The provider refused the gateway's account." }
  }
  if (status === 404 && /model/i.test(message)) return { code: 'model_not_found', status }
  if (status === 413) return { code: 'request_too_large' }
  if (status === 429) return { code: 'rate_limit_exceeded' }
  if (status === 408 || status === 504) return { code: 'upstream_timeout' }
  if (status >= 500) return { code: 'upstream_error', status }
  if (status < 400) return { code: 'upstream_error' }
  return { code: /content filtering policy/i.test(message) ? 'content_blocked' : 'invalid_request', status }
}

/** Anthropic's envelope, Google's and AWS's, which Claude's other hosts use, and a bare text in `error`. */
function wordsOf(body: unknown): { message?: string | undefined; type?: string | undefined } {
  if (Array.isArray(body)) return wordsOf(body[0])
  if (!isObject(body)) return {}
  if (!isObject(body.error)) return { message: textOf(body.error) ?? textOf(body.message) }
  return { message: textOf(body.error.message), type: textOf(body.error.type) ?? textOf(body.error.status) }
}

function isEnvelope(body: unknown): body is JsonObject {
  return isObject(body) && body.type === 'error' && isObject(body.error)
}
