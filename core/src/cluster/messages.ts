/** What the primary process and its workers tell each other. Cloned structurally on the way. */
import { GatewayError } from '../errors.ts'
import type { ErrorCode, ErrorDetails } from '../errors.ts'
import type { ServiceRequest } from './host.ts'

export type Failure = { message: string; code?: ErrorCode; details?: ErrorDetails }
/** Exactly one of `value` and `failure` counts. */
export type Result = { id: number; value?: unknown; failure?: Failure }
export type Call = { id: number; service: string; method: string; args: unknown[] }

export type FromWorker =
  | { sluice: 'use'; id: number; request: ServiceRequest; peer: string }
  | { sluice: 'calls'; calls: Call[] }
  | { sluice: 'leave'; id: number; service: string; peer: string }
  | { sluice: 'ready'; greeting: string }
  | { sluice: 'reloaded'; refused: boolean }

/** `use` is answered with the names of the service's methods. */
export type FromPrimary =
  | { sluice: 'results'; results: Result[] }
  | { sluice: 'event'; service: string; event: unknown }
  | { sluice: 'reload' }
  | { sluice: 'stop' }

/** Whether a message of another process is one of these: a cluster has others too. */
export function isMessage(value: unknown): value is FromWorker | FromPrimary {
  return typeof value === 'object' && value !== null && 'sluice' in value
}

export function failureOf(thrown: unknown): Failure {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (!GatewayError.is(thrown)) return { message }
  const { code, status, retryAfter, param, problems } = thrown
  const details = { status, problems, ...(retryAfter !== undefined && { retryAfter }), ...(param && { param }) }
  return { message, code, details }
}

export function errorOf({ message, code, details }: Failure): Error {
  return code ? new GatewayError(code, message, details) : new Error(message)
}
