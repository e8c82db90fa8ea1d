/** What a key may be used for. */
import { invalidCredential } from '@sluice/auth-kit'
import { GatewayError } from '@sluice/core'
import type { Exchange, Target } from '@sluice/core'
import type { Key } from './key.ts'

/** @throws GatewayError `permission_denied` if the key may not be used from where the client is */
export function checkAddress({ isFrom }: Key, ip: string): void {
  if (isFrom?.(ip) === false) throw denied('This API key may not be used from this address.')
}

/**
 * @throws GatewayError `permission_denied` for an operation or a model that the key is not for, `invalid_api_key` if
 * it has ended since the exchange began, or the one that had this made
 */
export function checkUse({ until, operations, isModel }: Key, exchange: Exchange): void {
  const { operation, model } = exchange
  if (!(until > Date.now())) throw invalidCredential()
  if (operation === 'models') {
    if (isModel) exchange.narrow(isModel)
    return
  }
  if (operations?.has(operation) === false) throw denied(`This API key may not be used for ${operation}.`)
  if (model !== '' && isModel?.(model) === false)
    throw denied(`This API key may not use the model "${model}".`, 'model')
}

/** The targets at providers that the key may use. @throws GatewayError `permission_denied` if there are none left */
export function permittedTargets({ providers }: Key, targets: readonly Target[], model: string): readonly Target[] {
  if (!providers || targets.every(({ provider }) => providers.has(provider))) return targets
  const permitted = targets.filter(({ provider }) => providers.has(provider))
  if (permitted.length > 0) return permitted
  throw denied(`This API key may not use any provider of the model "${model}".`, 'model')
}

function denied(message: string, param?: string): GatewayError {
  return new GatewayError('permission_denied', message, param === undefined ? {} : { param })
}
