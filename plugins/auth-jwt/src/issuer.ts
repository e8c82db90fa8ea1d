/** Calls of the identity provider: rare, bounded, and never to anywhere that the operator does not name or lead to. */
import type { JsonObject } from '@sluice/core'
import { Agent, request } from 'undici'

/** Bytes of an answer. */
const LIMIT = 512 * 1024
/** Milliseconds for which the configuration holds. */
const METADATA_TTL = 600_000

/** What an issuer says of itself (OpenID Connect Discovery 1.0, section 4). */
type Metadata = { jwks_uri: string | undefined; introspection_endpoint: string | undefined }

export class Issuer {
  readonly #url: string
  readonly #timeout: number
  readonly #agent: Agent
  #metadata: Metadata | undefined
  #learnedAt = Number.NEGATIVE_INFINITY

  /** @param timeout milliseconds that a call may take */
  constructor(url: string, timeout: number) {
    this.#url = url
    this.#timeout = timeout
    this.#agent = new Agent({ allowH2: false, connections: 8, maxResponseSize: LIMIT, connect: { timeout } })
  }

  /** @throws Error that says why there is no answer */
  async get(url: string): Promise<JsonObject> {
    return this.#call(url, {})
  }

  /** @throws Error likewise */
  async post(url: string, form: { [field: string]: string }, authorization: string): Promise<JsonObject> {
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
    return this.#call(url, { method: 'POST', headers, body: new URLSearchParams(form).toString() })
  }

  /** Where the issuer says that something is. What it said last holds while it says nothing. @throws Error */
  async endpoint(name: keyof Metadata): Promise<string> {
    const isOld = performance.now() - this.#learnedAt > METADATA_TTL
    if (isOld) {
      try {
        this.#metadata = await this.#discover()
        this.#learnedAt = performance.now()
      } catch (error) {
        if (!this.#metadata) throw error
      }
    }
    const url = this.#metadata?.[name]
    if (url === undefined) throw new Error(`the OpenID configuration of ${this.#url} names no ${name}`)
    return url
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #discover(): Promise<Metadata> {
    const url = `${this.#url.replace(/\/+$/, '')}/.well-known/openid-configuration`
    const said = await this.get(url)
    if (said['issuer'] !== this.#url) throw new Error(`${url} is the configuration of another issuer`)
    return {
      jwks_uri: this.#checked(said['jwks_uri']),
      introspection_endpoint: this.#checked(said['introspection_endpoint']),
    }
  }

  /** An issuer that is reached in secret does not lead to where all can listen. */
  #checked(url: unknown): string | undefined {
    if (typeof url !== 'string' || !/^https?:\/\//.test(url)) return undefined
    return url.startsWith('https:') || this.#url.startsWith('http:') ? url : undefined
  }

  async #call(url: string, options: Parameters<typeof request>[1]): Promise<JsonObject> {
    const signal = AbortSignal.timeout(this.#timeout)
    const accept = { accept: 'application/json', ...(options?.headers as { [name: string]: string }) }
    const { statusCode, body } = await request(url, { ...options, headers: accept, dispatcher: this.#agent, signal })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${url} answered with status ${statusCode}`)
    const json = JSON.parse(text) as unknown
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error(`${url} gave no JSON object`)
    return json as JsonObject
  }
}
