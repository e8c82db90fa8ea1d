/** Makes an exchange ready for the provider that is about to be asked: some keep state themselves, most do not. */
import { GatewayError } from '@sluice/core'
import type { Attempt, ChatRequest, Dialect, Exchange } from '@sluice/core'
import { withoutState } from './continue.ts'
import { itemNotFound, previousNotFound } from './errors.ts'
import { speaks } from './speakers.ts'
import { STATE } from './state.ts'
import type { StateUpstream } from './upstream.ts'

const PASSED = new WeakSet<GatewayError>()

/** @throws GatewayError `invalid_request` for what only a provider could know that keeps state */
export function prepare(
  { provider, headers }: Attempt,
  exchange: Exchange,
  own: StateUpstream,
  dialect: Dialect,
): void {
  const state = exchange.get(STATE)
  const isAboutResponse = exchange.dialect === dialect
  if (!state && !isAboutResponse) return
  if (provider === own) {
    if (state?.background || isAboutResponse) Object.assign(headers, own.expect(exchange))
  } else if (!speaks(provider)) {
    if (!state || state.background) throw passedOver()
    if (state.keptBy !== undefined) throw previousNotFound(state.previous!)
    if (state.missing !== undefined) throw itemNotFound(state.missing)
    // Not in transformRequest: the next target may be one that wants the client's own bytes.
    exchange.request = withoutState(exchange.request as ChatRequest)
  }
}

/** The next target is this plugin's own. */
function passedOver(): GatewayError {
  const error = new GatewayError('invalid_request', 'The provider keeps no responses.')
  PASSED.add(error)
  return error
}

export function isPassedOver({ error }: Attempt): boolean {
  return error !== undefined && PASSED.has(error)
}
