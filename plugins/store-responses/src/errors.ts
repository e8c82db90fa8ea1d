/** Errors in the words of OpenAI's API, which clients compare: its codes are other ones than the gateway's. */
import { GatewayError } from '@sluice/core'
import type { ErrorCode, JsonObject } from '@sluice/core'

function apiError(code: ErrorCode, message: string, param: string | null, word: string | null = null): GatewayError {
  const error = new GatewayError(code, message, param === null ? {} : { param })
  error.reply = { status: error.status, headers: {}, body: envelope('invalid_request_error', message, param, word) }
  return error
}

function envelope(type: string, message: string, param: string | null, code: string | null): JsonObject {
  return { error: { message, type, param, code } }
}

/** Of the gateway's own errors: keys, limits, faults. */
export function encodeError({ status, code, message, param }: GatewayError): JsonObject {
  const type = status >= 500 ? 'server_error' : status === 429 ? 'rate_limit_error' : 'invalid_request_error'
  return envelope(type, message, param ?? null, code)
}

export function previousNotFound(id: string): GatewayError {
  const message = `Previous response with id '${id}' not found.`
  return apiError('invalid_request', message, 'previous_response_id', 'previous_response_not_found')
}

/** Of a response that is not over yet, or has failed. */
export function notToContinue(id: string, status: string): GatewayError {
  const message = `Previous response with id '${id}' cannot be continued: it is ${status}.`
  return apiError('invalid_request', message, 'previous_response_id')
}

export function responseNotFound(id: string): GatewayError {
  return apiError('not_found', `Response with id '${id}' not found.`, null)
}

export function itemNotFound(id: string): GatewayError {
  const message =
    `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. ` +
    'Try again with `store` set to true, or remove this item from your input.'
  return apiError('not_found', message, 'input')
}

export function notToCancel(status: string | undefined): GatewayError {
  if (status === undefined) return apiError('invalid_request', 'Cannot cancel a synchronous response.', null)
  return apiError('invalid_request', `Cannot cancel a ${status} response.`, 'response_id')
}

export function wrongParam(message: string, param: string): GatewayError {
  return apiError('invalid_request', message, param)
}
