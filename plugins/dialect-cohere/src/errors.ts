/** Errors of Cohere's API, both directions (https://docs.cohere.com/v2/reference/errors). */
import { GatewayError } from '@sluice/core'
import type { ErrorCode, ErrorDetails, JsonObject, UpstreamFault } from '@sluice/core'
import { defined, isObject, objectOf, retryAfter, sseFrame, textOf } from '@sluice/dialect-kit'
import type { IncomingHttpHeaders } from 'node:http'
import { NAME } from './extensions.ts'

/** The envelope has no type but, in some errors, a word in capitals: the gateway's stable code fits. */
export function encodeError(error: GatewayError, requestId: string): JsonObject {
  const fault = error.upstream
  if (fault?.dialect === NAME && fault.status === error.status && isObject(fault.body) && isEnvelope(fault.body))
    return fault.body
  return { id: requestId, message: error.message, error_type: wordOf(error) }
}

/** Cohere ends a failed stream with a `message-end` that says so. No `[DONE]` follows this one. */
export function encodeStreamError(error: GatewayError): string {
  const fault = error.upstream
  // Told inside a stream, the error goes out as it came.
  const own = fault?.dialect === NAME && isObject(fault.body) ? objectOf(fault.body.delta) : undefined
  const delta = own ?? { error: error.message, error_type: wordOf(error), finish_reason: 'ERROR', usage: {} }
  return sseFrame(JSON.stringify({ type: 'message-end', delta }), 'message-end')
}

function wordOf({ code }: GatewayError): string {
  return code.toUpperCase()
}

/** What an upstream of this dialect refused with, as an error of the gateway. */
export function decodeError(status: number, headers: IncomingHttpHeaders, body: unknown): GatewayError {
  const { message, type, id } = wordsIn(body)
  const { code, own, ...details } = judge(status, message)
  const upstream = defined<UpstreamFault>({
    status,
    type,
    requestId: id ?? textOf(headers['x-debug-trace-id']),
    body,
    dialect: NAME,
  })
  const text = own ?? message ?? `The provider answered with status ${status}.`
  return new GatewayError(code, text, defined<ErrorDetails>({ ...details, retryAfter: retryAfter(headers), upstream }))
}

/**
 * The error that an event of a stream, or a whole answer, is.
 * @returns undefined for one that is none
 */
export function errorIn(event: JsonObject): GatewayError | undefined {
  const delta = objectOf(event.delta)
  const said = delta ?? event
  const isFailure = said.finish_reason === 'ERROR' && (typeof said.error === 'string' || 'error_type' in said)
  const isRefusal = delta === undefined && (isEnvelope(event) || (event.error ?? undefined) !== undefined)
  return isFailure || isRefusal ? decodeError(500, {}, event) : undefined
}

interface Judgement {
  code: ErrorCode
  /** If it is not the code's own. */
  status?: number
  /** Said in place of the provider's words, which are about the gateway and not for the client. */
  own?: string
}

function judge(status: number, message = ''): Judgement {
  switch (status) {
    case 401:
    case 403:
      return { code: 'upstream_error', own: "The provider refused the gateway's credential." }
    case 402:
      return { code: 'upstream_error', own: "The provider refused the gateway's account." }
    case 404:
      return { code: /model/i.test(message) ? 'model_not_found' : 'invalid_request', status }
    case 408:
    case 504:
      return { code: 'upstream_timeout' }
    case 413:
      return { code: 'request_too_large' }
    case 429:
      return { code: 'rate_limit_exceeded' }
    case 498:
      // "A deny-listed token": what Cohere calls an invalid token is a word.
      return { code: 'content_blocked', status }
    case 499:
      return { code: 'upstream_error' }
    default:
      if (status >= 500) return { code: 'upstream_error', status }
      return status < 400 ? { code: 'upstream_error' } : { code: 'invalid_request', status }
  }
}

/** Cohere's envelope, what ends its streams, and the envelopes of the proxies that hosts put in front of it. */
function wordsIn(body: unknown): { message?: string | undefined; type?: string | undefined; id?: string | undefined } {
  if (!isObject(body)) return {}
  const said = objectOf(body.delta) ?? objectOf(body.error) ?? body
  return {
    message: textOf(said.message) ?? textOf(said.error),
    type: textOf(said.error_type) ?? textOf(said.type),
    id: textOf(body.id),
  }
}

function isEnvelope(body: JsonObject): boolean {
  return typeof body.message === 'string'
}
