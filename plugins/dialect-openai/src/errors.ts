/** Errors, both directions: what an upstream refused with, and what a client of these APIs reads. */
import { GatewayError } from '@sluice/core'
import type { Dialect, DialectName, ErrorCode, JsonObject, UpstreamFault } from '@sluice/core'
import { isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { errorIn } from './inline-error.ts'
import { retryAfter } from './retry-after.ts'

type Headers = Parameters<Dialect['decodeError']>[1]

/** The errors of one dialect: all of OpenAI's APIs write them alike. */
export interface Errors {
  /** Takes any body; of one that is no JSON nothing is shown to the client. */
  decodeError(this: void, status: number, headers: Headers, body: unknown): GatewayError
  /** OpenAI's envelope, with the gateway's stable code. SDKs choose their class by HTTP status. */
  encodeError(this: void, error: GatewayError): JsonObject
  /** The error that stands where an answer should be, inside a 200; undefined if `body` is none. */
  inlineError(this: void, body: JsonObject): GatewayError | undefined
}

export function errorsOf(dialect: DialectName): Errors {
  const decodeError: Errors['decodeError'] = (status, headers, body) => decode(dialect, status, headers, body)
  return {
    decodeError,
    encodeError: (error) => encode(dialect, error),
    inlineError: (body) => errorIn(body, decodeError),
  }
}

/** What an error body says, in whatever form it says it. */
interface Fault {
  message?: string
  type?: string
  code?: string
  param?: string
}

const MODEL_WORDS: ReadonlySet<unknown> = new Set(['model_not_found', 'invalid_model', 'DeploymentNotFound'])
const FILTER_WORDS: ReadonlySet<unknown> = new Set([
  'content_filter',
  'content_policy_violation',
  'image_content_policy_violation',
  'bio_policy',
  'misalignment_policy_violation',
  'ResponsibleAIPolicyViolation',
])

function decode(dialect: DialectName, status: number, headers: Headers, body: unknown): GatewayError {
  const fault = faultIn(body)
  const code = codeOf(status, fault, body)
  const wait = retryAfter(headers, body, Date.now())
  const requestId = headers['x-request-id'] ?? headers['mistral-correlation-id'] ?? headers['apim-request-id']
  const { type, code: word, param } = fault
  const upstream: UpstreamFault = {
    status,
    dialect,
    ...(body !== undefined && body !== '' && { body }),
    ...(type !== undefined && { type }),
    ...(word !== undefined && { code: word }),
    ...(param !== undefined && { param }),
    ...(typeof requestId === 'string' && { requestId }),
  }
  const details = { upstream, ...(wait !== undefined && { retryAfter: wait }) }
  if (code === undefined) {
    // It is the gateway's credential that was refused. The provider's words may show a piece of it.
    return new GatewayError('upstream_error', "The provider refused the gateway's credential.", details)
  }
  return new GatewayError(code, fault.message ?? `The provider answered with HTTP status ${status}.`, {
    ...details,
    status: statusFor(code, status),
    ...(param !== undefined && { param }),
  })
}

function faultIn(body: unknown): Fault {
  // Gemini's API in this dialect answers with a list of one.
  const outer = objectOf(Array.isArray(body) ? body[0] : body)
  if (outer === undefined) return {}
  const inner = objectOf(outer.error) ?? outer
  const message = textOf(inner.message) || textOf(outer.error) || detailOf(outer.detail)
  const code = wordOf(inner.code)
  const type = wordOf(inner.type)
  const param = wordOf(inner.param)
  return {
    ...(message !== undefined && { message }),
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
    ...(param !== undefined && { param }),
  }
}

/** Mistral's and FastAPI's form: a text, or a list of what was wrong where. */
function detailOf(detail: unknown): string | undefined {
  if (typeof detail === 'string') return detail
  const messages = listOf(detail).flatMap((item) => textOf(objectOf(item)?.msg) ?? [])
  return messages.length > 0 ? messages.join('; ') : undefined
}

/** Some vendors write numbers where others write words. */
function wordOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : textOf(value)
}

/** Undefined: the gateway's credential was refused. */
function codeOf(status: number, fault: Fault, body: unknown): ErrorCode | undefined {
  if (status < 400 || status >= 500) return status === 504 ? 'upstream_timeout' : 'upstream_error'
  if (isBlocked(fault, body)) return 'content_blocked'
  switch (status) {
    case 401:
    case 403:
      return undefined
    case 402:
      return 'upstream_error'
    case 408:
      return 'upstream_timeout'
    case 413:
      return 'request_too_large'
    case 429:
      return 'rate_limit_exceeded'
    case 404:
      return isAboutModel(fault) || /model|deployment/i.test(fault.message ?? '')
        ? 'model_not_found'
        : 'invalid_request'
    default:
      // xAI and Gemini refuse a wrong key with 400.
      if (/(?:incorrect|invalid) api key|api key not valid/i.test(fault.message ?? '')) return undefined
      return isAboutModel(fault) ? 'model_not_found' : 'invalid_request'
  }
}

function isAboutModel({ code, type }: Fault): boolean {
  return MODEL_WORDS.has(code) || MODEL_WORDS.has(type)
}

function isBlocked({ code, type }: Fault, body: unknown): boolean {
  const error = objectOf(objectOf(body)?.error)
  // OpenRouter's moderation lists its reasons.
  const reasons = objectOf(error?.metadata)?.reasons
  return (
    FILTER_WORDS.has(code) ||
    FILTER_WORDS.has(type) ||
    FILTER_WORDS.has(objectOf(error?.innererror)?.code) ||
    Array.isArray(reasons)
  )
}

/** The provider's own status survives, but for those that would tell the client something wrong. */
function statusFor(code: ErrorCode, status: number): number {
  if (code === 'upstream_timeout') return 504
  return status < 400 || status === 402 ? 502 : status
}

const TYPES: { readonly [code in ErrorCode]?: string } = {
  invalid_request: 'invalid_request_error',
  content_blocked: 'invalid_request_error',
  invalid_api_key: 'invalid_request_error',
  budget_exceeded: 'insufficient_quota',
  permission_denied: 'permission_error',
  not_found: 'invalid_request_error',
  model_not_found: 'invalid_request_error',
  method_not_allowed: 'invalid_request_error',
  request_timeout: 'timeout',
  request_too_large: 'invalid_request_error',
  rate_limit_exceeded: 'rate_limit_error',
  quota_exceeded: 'insufficient_quota',
  upstream_timeout: 'timeout',
}

function encode(dialect: DialectName, error: GatewayError): JsonObject {
  const { upstream } = error
  if (upstream?.dialect === dialect && upstream.status === error.status && isEnvelope(upstream.body))
    return upstream.body
  return {
    error: {
      message: error.message,
      type: TYPES[error.code] ?? 'server_error',
      param: error.param ?? null,
      code: error.code,
    },
  }
}

function isEnvelope(body: unknown): body is JsonObject {
  return isObject(body) && isObject(body.error) && typeof body.error.message === 'string'
}
