/**
 * HashiCorp Vault over HTTP: signing in, and reading the KV version 2 engine
 * (https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2).
 */
import { readFile } from 'node:fs/promises'
import type { JsonObject } from '@sluice/core'
import { request } from 'undici'

/** Most that an answer may have, in bytes. */
const LIMIT = 1024 * 1024
/** Part of a token's life after which a new one is fetched. */
const RENEW = 0.7

/** How the gateway signs in. */
export type SignIn =
  | { token: string }
  | { roleId: string; secretId: string; mount: string }
  | { role: string; jwtFile: string; mount: string }

export interface VaultSettings {
  url: string
  signIn: SignIn
  namespace?: string | undefined
  /** Milliseconds a call may take. */
  timeout: number
}

type Token = { text: string; renewAt: number }

export class VaultClient {
  readonly #settings: VaultSettings
  readonly #now: () => number
  #token: Promise<Token> | undefined

  constructor(settings: VaultSettings, now: () => number = Date.now) {
    this.#settings = settings
    this.#now = now
  }

  /**
   * The fields of a secret. Rejects with an Error that says what is wrong, never what was found.
   * @param path with the engine's mount first, e.g. `kv/providers/openai`
   */
  async read(path: string): Promise<JsonObject> {
    const slash = path.indexOf('/')
    const place = [path.slice(0, slash), 'data', ...path.slice(slash + 1).split('/')].map(encodeURIComponent).join('/')
    const body = await this.#signed(place)
    const { data } = (body['data'] ?? {}) as { data?: JsonObject | null }
    if (!data) throw new Error('Vault has no such secret, or it was deleted')
    return data
  }

  /** A token may be revoked before its time: it is then fetched anew, once. */
  async #signed(place: string): Promise<JsonObject> {
    const first = await this.#call('GET', place, await this.#signIn())
    if (first.status !== 403 || 'token' in this.#settings.signIn) return bodyOf(first)
    this.#token = undefined
    return bodyOf(await this.#call('GET', place, await this.#signIn()))
  }

  async #signIn(): Promise<string> {
    const { signIn } = this.#settings
    if ('token' in signIn) return signIn.token
    const token = await (this.#token ??= this.#fetchToken(signIn).catch((error: unknown) => {
      this.#token = undefined
      throw error
    }))
    if (this.#now() >= token.renewAt) this.#token = undefined // for the next call; this one is in time
    return token.text
  }

  async #fetchToken(signIn: Exclude<SignIn, { token: string }>): Promise<Token> {
    const credentials =
      'roleId' in signIn
        ? { role_id: signIn.roleId, secret_id: signIn.secretId }
        : { role: signIn.role, jwt: (await readFile(signIn.jwtFile, 'utf8')).trim() }
    const body = bodyOf(await this.#call('POST', `auth/${signIn.mount}/login`, undefined, credentials))
    const { client_token: text, lease_duration: seconds } = (body['auth'] ?? {}) as { [field: string]: unknown }
    if (typeof text !== 'string') throw new Error('Vault answered the sign-in without a token')
    const life = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : Infinity
    return { text, renewAt: this.#now() + life * RENEW }
  }

  async #call(method: 'GET' | 'POST', place: string, token?: string, body?: object) {
    const { url, namespace, timeout } = this.#settings
    const reply = await request(`${url.replace(/\/+$/, '')}/v1/${place}`, {
      method,
      headers: {
        'x-vault-request': 'true',
        ...(token !== undefined && { 'x-vault-token': token }),
        ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.timeout(timeout),
    }).catch((cause: Error) => {
      const why = cause.name === 'TimeoutError' ? `Vault did not answer within ${timeout} ms` : 'Vault is out of reach'
      throw new Error(why, { cause })
    })
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of reply.body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > LIMIT) throw new Error(`Vault answered with more than ${LIMIT} bytes`)
      chunks.push(chunk)
    }
    return { status: reply.statusCode, text: Buffer.concat(chunks).toString() }
  }
}

/** Vault's own words are about the request, not about secrets. */
function bodyOf({ status, text }: { status: number; text: string }): JsonObject {
  let body: JsonObject
  try {
    body = (JSON.parse(text) ?? {}) as JsonObject
  } catch {
    throw new Error(`Vault answered with status ${status} and no JSON`)
  }
  if (status < 300) return body
  const { errors } = body
  const words = Array.isArray(errors) && errors.length > 0 ? `: ${errors.join('; ').slice(0, 300)}` : ''
  if (status === 404) throw new Error(`Vault has no such secret${words}`)
  throw new Error(`Vault refused with status ${status}${words}`)
}
