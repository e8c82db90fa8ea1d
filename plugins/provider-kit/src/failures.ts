import { GatewayError } from '@sluice/core'

const UNREACHABLE = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']
const TOO_SLOW = ['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']

/**
 * A transport failure in the client's words; the cause, with its addresses, stays for the log.
 * @param answered whether an answer had begun
 */
export function transportFailure(cause: Error & { code?: string }, answered: boolean): GatewayError {
  if (GatewayError.is(cause)) return cause
  const code = cause.code ?? ''
  if (TOO_SLOW.includes(code)) {
    return new GatewayError('upstream_timeout', 'The upstream could not be reached in time.', { cause })
  }
  const what = UNREACHABLE.includes(code)
    ? 'could not be reached'
    : answered
      ? 'broke off its answer'
      : 'closed the connection without an answer'
  return new GatewayError('upstream_error', `The upstream ${what}.`, { cause })
}
