/** Errors of Google's APIs, both directions (https://google.aip.dev/193). */
import { GatewayError } from '@sluice/core'
import type { ErrorCode, ErrorDetails, JsonObject, UpstreamFault } from '@sluice/core'
import { defined, isObject, listOf, objectOf, retryAfter, sseFrame, textOf } from '@sluice/dialect-kit'
import type { IncomingHttpHeaders } from 'node:http'
import { NAME } from './extensions.ts'

/** `google.rpc.Code` by HTTP status (https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto). */
const NAMES: ReadonlyMap<number, string> = new Map([
  [401, 'UNAUTHENTICATED'],
  [402, 'FAILED_PRECONDITION'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [408, 'DEADLINE_EXCEEDED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [500, 'INTERNAL'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
])
const TYPE = 'type.googleapis.com/google.rpc.'

/** An error reply in Google's envelope. An error that came from Google goes out as it came. */
export function encodeError(error: GatewayError): JsonObject {
  const { upstream, status, message, retryAfter: wait, param } = error
  if (upstream?.dialect === NAME && upstream.status === status) {
    const body = unwrapped(upstream.body)
    if (isEnvelope(body)) return body
  }
  const details: JsonObject[] = []
  if (param !== undefined) {
    details.push({ '@type': `${TYPE}BadRequest`, fieldViolations: [{ field: param, description: message }] })
  }
  if (wait !== undefined) details.push({ '@type': `${TYPE}RetryInfo`, retryDelay: `${wait}s` })
  const name = NAMES.get(status) ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL')
  return { error: { code: status, message, status: name, ...(details.length > 0 && { details }) } }
}

/** The event that ends a stream; Google's SDKs raise it. */
export function encodeStreamError(error: GatewayError): string {
  return sseFrame(JSON.stringify(encodeError(error)))
}

/** The last element of a stream in an array. The elements before it have their commas. */
export function encodeArrayError(error: GatewayError): string {
  return `${JSON.stringify(encodeError(error))}]`
}

/** What an upstream of this dialect refused with, as an error of the gateway. */
export function decodeError(status: number, headers: IncomingHttpHeaders, body: unknown): GatewayError {
  const error = objectOf(objectOf(unwrapped(body))?.error) ?? {}
  const message = textOf(error.message) || undefined
  const type = textOf(error.status)
  const param = textOf(objectOf(listOf(detail(error, 'BadRequest')?.fieldViolations)[0])?.field) || undefined
  const { code, own, ...details } = judge(status, error)
  const upstream = defined<UpstreamFault>({ status, type, param, body, dialect: NAME })
  const wait = retryAfter(headers) ?? delayIn(error)
  const text = own ?? message ?? `The provider answered with status ${status}.`
  const at = own === undefined ? param : undefined
  return new GatewayError(code, text, defined<ErrorDetails>({ ...details, param: at, retryAfter: wait, upstream }))
}

/** An error inside a stream or a 200. */
export function decodeErrorBody(body: JsonObject): GatewayError {
  const code = objectOf(body.error)?.code
  const isStatus = typeof code === 'number' && code >= 400 && code < 600
  return decodeError(isStatus ? code : 500, {}, body)
}

interface Judgement {
  code: ErrorCode
  /** If it is not the code's own. */
  status?: number
  /** Said in place of the provider's words, which are about the gateway and not for the client. */
  own?: string
}

function judge(status: number, error: JsonObject): Judgement {
  const message = textOf(error.message) ?? ''
  // A wrong key is a 400 here.
  const isKey =
    detail(error, 'ErrorInfo')?.reason === 'API_KEY_INVALID' || /api key (?:not valid|expired)/i.test(message)
  if (status === 401 || status === 403 || (status === 400 && isKey)) {
    return { code: 'upstream_error', own: "The provider refused the gateway's credential." }
  }
  if (status === 402 || (status === 400 && /location is not supported|enable billing/i.test(message))) {
    return { code: 'upstream_error', own: "The provider refused the gateway's account." }
  }
  if (status === 404 && /model/i.test(message)) return { code: 'model_not_found', status }
  if (status === 413) return { code: 'request_too_large' }
  if (status === 429) return { code: 'rate_limit_exceeded' }
  if (status === 408 || status === 504) return { code: 'upstream_timeout' }
  if (status >= 500) return { code: 'upstream_error', status }
  if (status < 400 || status === 499) return { code: 'upstream_error' }
  const isBlocked = /responsible ai|prohibited use|safety (?:filter|polic)/i.test(message)
  return { code: isBlocked ? 'content_blocked' : 'invalid_request', status }
}

/** The wait stands in the body: `48s` in the details, more exactly in the words, no header. */
function delayIn(error: JsonObject): number | undefined {
  const delay = detail(error, 'RetryInfo')?.retryDelay
  const seconds = Number(
    textOf(delay)?.replace(/s$/, '') ?? /retry in (\d+(?:\.\d+)?)s/.exec(textOf(error.message) ?? '')?.[1],
  )
  return seconds > 0 ? seconds : undefined
}

/** The first of the error's details that is of a type of `google.rpc`. */
function detail(error: JsonObject, type: string): JsonObject | undefined {
  return listOf(error.details).find((item): item is JsonObject => isObject(item) && item['@type'] === TYPE + type)
}

/** Streams that are not asked for as events have their errors in an array. */
function unwrapped(body: unknown): unknown {
  return Array.isArray(body) ? body[0] : body
}

function isEnvelope(body: unknown): body is JsonObject {
  return isObject(body) && isObject(body.error) && typeof body.error.message === 'string'
}
