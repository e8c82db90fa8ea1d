import { createPublicKey } from 'node:crypto'
import { milliseconds } from '@sluice/core'
import type { Gateway, Logger } from '@sluice/core'
import { createLocalJWKSet } from 'jose'
import type { JWK } from 'jose'
import { IssuerKeys } from './issuer-keys.ts'
import type { KeyFinder, KnownKeys } from './issuer-keys.ts'
import type { Issuer } from './issuer.ts'
import type { Options } from './options.ts'

/** By issuer and address. Keys outlive a reload of the config, as the issuer may be out of reach just then. */
const KNOWN = new WeakMap<Gateway, Map<string, KnownKeys>>()

/**
 * The keys of the options, or those of the issuer.
 * @throws Error if a key of the options is none
 */
export function keysOf(
  options: Options,
  issuer: Issuer,
  gateway: Gateway,
  log: Logger,
): { find: KeyFinder; warm(): Promise<void> } {
  const { jwksUrl, keys } = options
  if (keys) {
    const find = fixedKeys(keys)
    return { find, warm: () => Promise.resolve() }
  }
  const times = {
    ttl: milliseconds(options.keysTtl ?? '10m'),
    grace: milliseconds(options.keysGrace ?? '24h'),
    cooldown: milliseconds(options.keysCooldown ?? '30s'),
  }
  const fetch = async (): Promise<object> => issuer.get(jwksUrl ?? (await issuer.endpoint('jwks_uri')))
  return new IssuerKeys(fetch, times, knownIn(gateway, `${options.issuer} ${jwksUrl ?? ''}`), log)
}

function fixedKeys(keys: readonly object[]): KeyFinder {
  for (const [index, key] of keys.entries()) {
    const jwk = key as JWK
    const isSecret = jwk.kty === 'oct' || jwk.d !== undefined
    if (isSecret) throw new Error(`keys[${index}] is not public: leave out whatever is secret`)
    try {
      createPublicKey({ key: jwk, format: 'jwk' })
    } catch {
      throw new Error(`keys[${index}] is no public key as a JWK`)
    }
  }
  return createLocalJWKSet({ keys: keys as JWK[] })
}

function knownIn(gateway: Gateway, source: string): KnownKeys {
  const all = KNOWN.get(gateway) ?? new Map<string, KnownKeys>()
  KNOWN.set(gateway, all)
  const known = all.get(source) ?? { keys: undefined, at: Number.NEGATIVE_INFINITY }
  all.set(source, known)
  return known
}
