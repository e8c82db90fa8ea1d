import { GatewayError } from '@sluice/core'

/** What clients are told of a database that cannot do its work; `cause` is for the log. */
export function unavailable(cause: unknown): GatewayError {
  const message = 'The gateway cannot reach its records at the moment. Try again shortly.'
  return new GatewayError('overloaded', message, { retryAfter: 1, cause })
}

/** Too much is waiting to be written. */
export function backlogged(): GatewayError {
  const message = 'The gateway has more to write than it can keep up with. Try again shortly.'
  return new GatewayError('overloaded', message, { retryAfter: 1 })
}

/** One write that would never find room. */
export function tooLarge(size: number, most: number): GatewayError {
  return new GatewayError('request_too_large', `Not stored: it takes ${size} bytes, of ${most} at most.`)
}
