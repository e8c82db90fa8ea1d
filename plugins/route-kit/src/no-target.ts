import { GatewayError } from '@sluice/core'
import type { Exchange, Target } from '@sluice/core'
import { targetName } from './target-name.ts'

/** A target that may not serve an exchange, and why: a clause such as `its circuit is open for 12 s`. */
export type Excluded = { target: Target; reason: string }

/** Targets that the message names; `problems` has all of them. */
const NAMED = 8

/**
 * 503 `no_target_available`, with each target and its reason.
 * @param retryAfter seconds until one of them may be able to again, if that is known
 */
export function noTarget(exchange: Exchange, excluded: readonly Excluded[], retryAfter?: number): GatewayError {
  const problems = excluded.map(({ target, reason }) => `${targetName(target)}: ${reason}`)
  const more = problems.length > NAMED ? `; and ${problems.length - NAMED} more` : ''
  const told = problems.length === 0 ? 'it has none' : problems.slice(0, NAMED).join('; ') + more
  const message = `No target of the model "${exchange.model}" can serve this request (${told}).`
  return new GatewayError('no_target_available', message, {
    problems,
    ...(retryAfter !== undefined && { retryAfter }),
  })
}
