import { invalidCredential } from '@sluice/auth-kit'
import { GatewayError, milliseconds } from '@sluice/core'
import type { JsonObject, Logger } from '@sluice/core'
import { decodeJwt, errors, jwtVerify } from 'jose'
import type { JWTPayload, JWTVerifyOptions } from 'jose'
import { unavailable } from './issuer-keys.ts'
import type { KeyFinder } from './issuer-keys.ts'
import type { Options } from './options.ts'

/** Keys that are tried for a token that does not say which one is its own. */
const MOST_TRIES = 8

/** Whether a token has the form of a JWT: three parts, of which the first is an object in base64url. */
export function isJwt(token: string): boolean {
  return token.startsWith('ey') && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)
}

/** Checks JWTs of one issuer (RFC 7519, RFC 8725, RFC 9068). */
export class JwtVerifier {
  readonly #issuer: string
  readonly #keys: KeyFinder
  readonly #rules: JWTVerifyOptions

  constructor({ issuer, audience, algorithms, typ, requiredClaims = [], clockSkew }: Options, keys: KeyFinder) {
    this.#issuer = issuer
    this.#keys = keys
    this.#rules = {
      issuer,
      audience: [...audience],
      algorithms: [...algorithms!],
      clockTolerance: milliseconds(clockSkew ?? '30s') / 1000,
      requiredClaims: ['exp', ...requiredClaims],
      ...(typ !== undefined && { typ }),
    }
  }

  /** Whether it is a JWT that says it is this issuer's. */
  recognises(token: string): boolean {
    if (!isJwt(token)) return false
    try {
      return decodeJwt(token).iss === this.#issuer
    } catch {
      return false
    }
  }

  /** @throws GatewayError `invalid_api_key`, or `overloaded` if it cannot be said */
  async claimsOf(token: string, log: Logger): Promise<JsonObject> {
    try {
      return await this.#verify(token)
    } catch (error) {
      if (GatewayError.is(error)) throw error
      // What is wrong with it is for the operator: whoever tries tokens out learns nothing.
      if (!(error instanceof errors.JOSEError)) {
        log.error({ err: error }, 'a key of the issuer cannot be used')
        throw unavailable(0, error)
      }
      const { code, message } = error
      log.info({ reason: code, detail: message }, 'an access token was refused')
      throw invalidCredential()
    }
  }

  async #verify(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.#keys, this.#rules)
      return payload
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      return this.#verifyWithAny(token, error)
    }
  }

  async #verifyWithAny(token: string, keys: errors.JWKSMultipleMatchingKeys): Promise<JWTPayload> {
    let tries = 0
    for await (const key of keys) {
      if (++tries > MOST_TRIES) break
      try {
        const { payload } = await jwtVerify(token, key, this.#rules)
        return payload
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}
