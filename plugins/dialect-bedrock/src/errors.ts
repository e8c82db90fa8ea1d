/**
 * Errors of Bedrock, both directions
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors).
 */
import { GatewayError } from '@sluice/core'
import type { ErrorCode, ErrorDetails, JsonObject, UpstreamFault } from '@sluice/core'
import { defined, isObject, objectOf, retryAfter, textOf, tryParse } from '@sluice/dialect-kit'
import type { IncomingHttpHeaders } from 'node:http'
import { exceptionWriter } from './event-stream/index.ts'
import { NAME } from './extensions.ts'

/** What AWS's SDKs make an exception of, by status. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [400, 'ValidationException'],
  [401, 'UnrecognizedClientException'],
  [402, 'AccessDeniedException'],
  [403, 'AccessDeniedException'],
  [404, 'ResourceNotFoundException'],
  [408, 'ModelTimeoutException'],
  [413, 'ValidationException'],
  [424, 'ModelErrorException'],
  [429, 'ThrottlingException'],
  [500, 'InternalServerException'],
  [503, 'ServiceUnavailableException'],
])

/** The exceptions that a stream may end with, and the status each has outside of one. */
const STREAM_STATUSES: ReadonlyMap<string, number> = new Map([
  ['internalServerException', 500],
  ['modelStreamErrorException', 424],
  ['modelTimeoutException', 408],
  ['serviceUnavailableException', 503],
  ['throttlingException', 429],
  ['validationException', 400],
])

/** An error reply. As the type stands in a header of AWS's replies, an error that came from Bedrock gets it added. */
export function encodeError(error: GatewayError): JsonObject {
  const type = typeOf(error)
  const fault = error.upstream
  if (fault?.dialect === NAME && fault.status === error.status && isObject(fault.body) && textOf(fault.body.message)) {
    return { ...fault.body, __type: type }
  }
  return { message: error.message, __type: type }
}

function typeOf({ status, upstream }: GatewayError): string {
  if (upstream?.dialect === NAME && upstream.status === status && upstream.type) return upstream.type
  return TYPES.get(status) ?? (status < 500 ? 'ValidationException' : 'InternalServerException')
}

/** The exception that ends a stream in place of `messageStop`. */
export function encodeStreamError(error: GatewayError): Buffer {
  const type = typeOf(error)
  const name = type.charAt(0).toLowerCase() + type.slice(1)
  const known = STREAM_STATUSES.has(name)
    ? name
    : error.status < 500
      ? 'validationException'
      : 'internalServerException'
  const { __type: _, ...body } = encodeError(error)
  return exceptionWriter(known)(JSON.stringify(body))
}

/** What an upstream of this dialect refused with, as an error of the gateway. */
export function decodeError(status: number, headers: IncomingHttpHeaders, body: unknown): GatewayError {
  const words = wordsOf(body)
  const type = shortName(textOf(headers['x-amzn-errortype']) ?? words.type)
  const { code, own, ...details } = judge(status, type, words.message)
  const upstream = defined<UpstreamFault>({
    status,
    type,
    requestId: textOf(headers['x-amzn-requestid']),
    body,
    dialect: NAME,
  })
  const text = own ?? (words.message || `The provider answered with status ${status}.`)
  return new GatewayError(code, text, defined<ErrorDetails>({ ...details, retryAfter: retryAfter(headers), upstream }))
}

/** An exception inside a stream. @param name as the stream has it, e.g. `throttlingException` */
export function decodeException(name: string, data: string): GatewayError {
  const type = name.charAt(0).toUpperCase() + name.slice(1)
  return decodeError(STREAM_STATUSES.get(name) ?? 500, { 'x-amzn-errortype': type }, tryParse(data))
}

interface Judgement {
  code: ErrorCode
  /** If it is not the code's own. */
  status?: number
  /** Said in place of the provider's words, which are about the gateway and not for the client. */
  own?: string
}

/** They may come as a 400, too. */
const CREDENTIAL_TYPES =
  /^(?:ExpiredToken|IncompleteSignature|InvalidSignature|MissingAuthenticationToken|UnrecognizedClient)/

function judge(status: number, type = '', message = ''): Judgement {
  if (status === 401 || status === 403 || CREDENTIAL_TYPES.test(type)) {
    return { code: 'upstream_error', own: "The provider refused the gateway's credential." }
  }
  if (status === 402) return { code: 'upstream_error', own: "The provider refused the gateway's account." }
  if (status === 413) return { code: 'request_too_large' }
  if (status === 429 || type === 'ServiceQuotaExceededException') return { code: 'rate_limit_exceeded' }
  if (status === 408 || status === 504) return { code: 'upstream_timeout' }
  // 424: the model failed; it is not the request that did.
  if (status >= 500 || status === 424) return { code: 'upstream_error', status }
  if (status < 400) return { code: 'upstream_error' }
  if (status === 404 || /model identifier is invalid/i.test(message)) return { code: 'model_not_found', status }
  return { code: /content filter/i.test(message) ? 'content_blocked' : 'invalid_request', status }
}

/** `com.amazon.coral.service#ThrottlingException` and `ThrottlingException:http://…` are the same. */
function shortName(type: string | undefined): string | undefined {
  return type?.replace(/:.*$/s, '').replace(/^.*#/s, '') || undefined
}

/** Bedrock's own form, that of AWS's front doors (`Message`, or wrapped in `Output`), and those of proxies before it. */
function wordsOf(body: unknown): { message?: string | undefined; type?: string | undefined } {
  if (!isObject(body)) return {}
  const inner = objectOf(body.Output) ?? objectOf(body.error) ?? objectOf(body.Error)
  if (inner !== undefined) return wordsOf(inner)
  return {
    message: textOf(body.message) ?? textOf(body.Message) ?? textOf(body.error),
    type: textOf(body.__type) ?? textOf(body.code) ?? textOf(body.Code),
  }
}
