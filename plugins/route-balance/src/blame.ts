import { ERRORS } from '@sluice/core'
import type { ErrorCode, GatewayError } from '@sluice/core'

/** An upstream's refusals of a client's fault that are none: another target may well serve the request. */
const NOT_THE_CLIENTS: ReadonlySet<ErrorCode> = new Set(['rate_limit_exceeded', 'quota_exceeded', 'model_not_found'])

/** `bad`: the target is to blame. `alive`: it did what it should, also if it refused. Undefined: it was not asked, or nobody knows. */
export function verdictOn(error: GatewayError | undefined): 'ok' | 'alive' | 'bad' | undefined {
  if (!error) return 'ok'
  const { code, upstream } = error
  if (!upstream) return code === 'upstream_error' || code === 'upstream_timeout' ? 'bad' : undefined
  return ERRORS[code].fault !== 'client' || NOT_THE_CLIENTS.has(code) ? 'bad' : 'alive'
}
