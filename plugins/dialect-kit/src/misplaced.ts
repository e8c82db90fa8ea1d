import { GatewayError } from '@sluice/core'

/** For writers of streams whose calls come one after another: a closed call takes no more, and one with half its arguments must not go out. */
export function misplacedArguments(): GatewayError {
  return new GatewayError('upstream_error', 'The upstream sent arguments of a tool call that is not the one it is at.')
}
