/** The body field `provider`: found, read, and kept from upstreams. */
import { codecOf, exchangeKey } from '@sluice/core'
import type { CanonicalRequest, Exchange } from '@sluice/core'
import { prefer, readPreferences } from './preferences.ts'

const FIELD = 'provider'
const WRITTEN = exchangeKey<true>('route-rules/provider-field')
/** OpenRouter understands the field by itself. */
const OWN_VENDOR = 'openrouter'

/** Takes note of whether the client sent the field. */
export function noteField(exchange: Exchange): void {
  const { raw, body, dialect, operation } = exchange
  if (raw || body.length === 0 || !codecOf(dialect, operation)) return
  if ((exchange.json[FIELD] ?? undefined) !== undefined) exchange.set(WRITTEN, true)
}

export function isWritten(exchange: Exchange): boolean {
  return exchange.get(WRITTEN) === true
}

/**
 * Reads the field, and gives the request without it. Where all targets are at OpenRouter, it is left to OpenRouter.
 * @throws GatewayError `invalid_request` with the field that is wrong
 */
export function takeField(
  request: CanonicalRequest,
  exchange: Exchange,
  vendorOf: (provider: string) => string | undefined,
): CanonicalRequest {
  if (exchange.targets.every(({ provider }) => vendorOf(provider) === OWN_VENDOR)) return request
  prefer(exchange, readPreferences(exchange.json[FIELD]))
  const { name } = exchange.dialect
  const { [FIELD]: _, ...rest } = request.extensions[name] ?? {}
  return { ...request, extensions: { ...request.extensions, [name]: rest } }
}

/** Whether a variant behind the model's name is for OpenRouter itself. */
export function isForOpenRouter(vendor: string | undefined): boolean {
  return vendor === OWN_VENDOR
}
