/** Errors where an answer should be: inside a 200, whole or in a stream. */
import type { Dialect, GatewayError, JsonObject } from '@sluice/core'
import { isObject } from '@sluice/dialect-kit'

/** Status of the errors that name a kind and no status. */
const STATUS_OF_KIND: ReadonlyMap<unknown, number> = new Map([
  ['invalid_request_error', 400],
  ['tool_use_failed', 400],
  ['context_length_exceeded', 400],
  ['content_filter', 400],
  ['invalid_prompt', 400],
  ['model_not_found', 404],
  ['rate_limit_exceeded', 429],
  ['insufficient_quota', 429],
  ['overloaded_error', 503],
  ['server_overloaded', 503],
])

/** The error that `body` is; undefined if it is none. */
export function errorIn(body: JsonObject, decodeError: Dialect['decodeError']): GatewayError | undefined {
  const { error } = body
  if (isObject(error)) return decodeError(statusIn(error), {}, { error })
  const isError =
    (typeof error === 'string' && error !== '') || body.object === 'error' || (body.detail ?? undefined) !== undefined
  return isError ? decodeError(statusIn(body), {}, body) : undefined
}

function statusIn(error: JsonObject): number {
  for (const field of ['status_code', 'raw_status_code', 'status', 'code']) {
    const value = error[field]
    const status = typeof value === 'string' ? Number(value) : value
    if (typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600) return status
  }
  return STATUS_OF_KIND.get(error.code) ?? STATUS_OF_KIND.get(error.type) ?? 502
}
