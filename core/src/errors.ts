/** Every error the gateway answers or stops with: one class, one table of stable codes. */

import type { Reply } from './exchange.ts'

type ErrorKind = {
  /** HTTP status of the reply; 0 for errors that only stop the boot. */
  status: number
  /** Whether the same request may succeed if sent again. */
  retryable: boolean
  /** Who has to act. */
  fault: 'client' | 'gateway' | 'upstream' | 'operator'
}

export const ERRORS = {
  invalid_request: { status: 400, retryable: false, fault: 'client' },
  content_blocked: { status: 400, retryable: false, fault: 'client' },
  invalid_api_key: { status: 401, retryable: false, fault: 'client' },
  budget_exceeded: { status: 402, retryable: false, fault: 'client' },
  permission_denied: { status: 403, retryable: false, fault: 'client' },
  not_found: { status: 404, retryable: false, fault: 'client' },
  model_not_found: { status: 404, retryable: false, fault: 'client' },
  method_not_allowed: { status: 405, retryable: false, fault: 'client' },
  request_timeout: { status: 408, retryable: true, fault: 'client' },
  conflict: { status: 409, retryable: false, fault: 'client' },
  precondition_failed: { status: 412, retryable: false, fault: 'client' },
  request_too_large: { status: 413, retryable: false, fault: 'client' },
  rate_limit_exceeded: { status: 429, retryable: true, fault: 'client' },
  quota_exceeded: { status: 429, retryable: false, fault: 'client' },
  client_closed: { status: 499, retryable: false, fault: 'client' },
  plugin_error: { status: 500, retryable: false, fault: 'gateway' },
  upstream_error: { status: 502, retryable: true, fault: 'upstream' },
  no_target_available: { status: 503, retryable: true, fault: 'upstream' },
  shutting_down: { status: 503, retryable: true, fault: 'gateway' },
  overloaded: { status: 503, retryable: true, fault: 'gateway' },
  upstream_timeout: { status: 504, retryable: true, fault: 'upstream' },
  config_invalid: { status: 0, retryable: false, fault: 'operator' },
  plugin_options: { status: 0, retryable: false, fault: 'operator' },
  plugin_api: { status: 0, retryable: false, fault: 'operator' },
  capability_missing: { status: 0, retryable: false, fault: 'operator' },
  capability_cycle: { status: 0, retryable: false, fault: 'operator' },
  tap_after_boot: { status: 0, retryable: false, fault: 'operator' },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

/** What a provider said when it refused: its own words, and its parsed body with the dialect it is written in. */
export interface UpstreamFault {
  status: number
  type?: string
  code?: string
  param?: string
  requestId?: string
  body?: unknown
  dialect?: string
}

export interface ErrorDetails {
  /** HTTP status, if not the table's (an upstream's own 4xx survives). */
  status?: number
  /** Seconds the client should wait. */
  retryAfter?: number
  /** The request field at fault, e.g. `messages[2].content`. */
  param?: string
  upstream?: UpstreamFault
  /** Plugin instance and hook that raised it; filled in by the kernel. */
  plugin?: string
  hook?: string
  cause?: unknown
  /** All problems, where the message sums up several. */
  problems?: readonly string[]
}

const BRAND = Symbol.for('sluice.GatewayError')

/** Thrown to refuse. `message` is shown to the client: what was wrong and what to do, no internals. */
export class GatewayError extends Error {
  readonly [BRAND] = true
  readonly code: ErrorCode
  readonly status: number
  readonly retryable: boolean
  declare readonly retryAfter?: number
  declare readonly param?: string
  declare readonly upstream?: UpstreamFault
  /** What the upstream refused with, if it goes to the client as it came. */
  declare reply?: Reply
  readonly problems: readonly string[] = []
  declare plugin?: string
  declare hook?: string

  constructor(code: ErrorCode, message: string, { cause, ...details }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'GatewayError'
    this.code = code
    this.status = ERRORS[code].status
    this.retryable = ERRORS[code].retryable
    Object.assign(this, details)
  }

  /** True also for an error made by another installed copy of this package. */
  static is(value: unknown): value is GatewayError {
    return typeof value === 'object' && value !== null && BRAND in value
  }
}

/** A client's mistake in one field. */
export function invalidRequest(message: string, param?: string): GatewayError {
  return new GatewayError('invalid_request', message, param === undefined ? {} : { param })
}

/** Runs what descends into a client's JSON. @throws GatewayError `invalid_request` if that is deeper than the stack */
export function withinStack<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof RangeError ? invalidRequest('The body is nested too deeply.') : error
  }
}

/** What went wrong in words, for logs, whatever was thrown. */
export function describe(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : `a non-error was thrown: ${String(thrown)}`
}

/** Anything thrown as a GatewayError that says which plugin raised it, and where. */
export function stamped(thrown: unknown, plugin: string, hook: string): GatewayError {
  const error = asGatewayError(thrown)
  error.plugin ??= plugin
  error.hook ??= hook
  return error
}

/** Anything thrown as a GatewayError; what is not one is a defect, and its details stay in `cause` for the log. */
export function asGatewayError(
  thrown: unknown,
  code: ErrorCode = 'plugin_error',
  message = 'The gateway failed to serve this request. The operator finds the details in the log.',
): GatewayError {
  if (GatewayError.is(thrown)) return thrown
  return new GatewayError(code, message, { cause: thrown instanceof Error ? thrown : new Error(describe(thrown)) })
}
