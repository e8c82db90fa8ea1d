/** The operators' interface of a running gateway, over HTTP. */
import { ERRORS, describe, GatewayError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import type { JsonObject } from '../model.ts'
import { isOpenApi } from './admin-commands.ts'
import type { AdminCommand, OpenApi } from './admin-commands.ts'
import type { Arguments } from './admin-flags.ts'
import { UsageError } from './usage-error.ts'

/** What is answered: parsed if it is JSON, undefined if there is nothing. */
export type AdminReply = { body: JsonObject | string | undefined }

/** Milliseconds. */
const TIMEOUT = 60_000

export class AdminClient {
  readonly #base: URL
  readonly #key: string | undefined

  /** @param url of the gateway; a path in it goes before all others */
  constructor(url: string, key: string | undefined) {
    if (!URL.canParse(url) || !/^https?:/.test(url))
      throw new UsageError(`--url takes an address like http://127.0.0.1:8080, not "${url}".`)
    this.#base = new URL(url.endsWith('/') ? url : `${url}/`)
    this.#key = key
  }

  /** @throws GatewayError if the gateway does not answer, refuses, or has no plugin that describes it */
  async document(): Promise<OpenApi> {
    const { body } = await this.#send('GET', 'admin/openapi.json', {})
    if (typeof body === 'object' && isOpenApi(body)) return body as OpenApi
    throw failure('upstream_error', `What answers at ${this.#base.origin} is no gateway of this kind.`)
  }

  /** @throws GatewayError as the gateway refuses */
  call(
    { method, path }: Pick<AdminCommand, 'method' | 'path'>,
    { params, query, headers, body }: Arguments,
  ): Promise<AdminReply> {
    let at = 0
    const filled = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(params[at++] ?? ''))
    const search = query.length > 0 ? `?${String(new URLSearchParams(query))}` : ''
    return this.#send(method.toUpperCase(), `${filled.slice(1)}${search}`, headers, body)
  }

  async #send(
    method: string,
    path: string,
    headers: { [name: string]: string },
    body?: JsonObject,
  ): Promise<AdminReply> {
    const reply = await this.#fetch(new URL(path, this.#base), {
      method,
      headers: {
        ...headers,
        ...(this.#key !== undefined && { authorization: `Bearer ${this.#key}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT),
    })
    const isJson = reply.headers.get('content-type')?.includes('json') ?? false
    const text = await reply.text()
    const parsed = isJson && text !== '' ? parse(text) : text || undefined
    if (reply.ok) return { body: parsed }
    throw this.#refusal(reply.status, parsed, path)
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init)
    } catch (error) {
      const { cause = error } = error as Error
      const message = `No gateway answers at ${url.origin} (${describe(cause)}). Start one, or name it: --url, or SLUICE_URL.`
      throw new GatewayError('upstream_error', message, { cause: error })
    }
  }

  #refusal(status: number, body: JsonObject | string | undefined, path: string): GatewayError {
    const error = typeof body === 'object' ? (body['error'] as JsonObject | undefined) : undefined
    const told =
      typeof error?.['message'] === 'string' ? error['message'] : `The gateway answered with status ${status}.`
    const code =
      typeof error?.['code'] === 'string' && error['code'] in ERRORS ? (error['code'] as ErrorCode) : 'upstream_error'
    if (status === 404 && path === 'admin/openapi.json')
      return failure(code, 'The gateway does not describe what operators can do: it lacks the plugin admin-api.')
    const cure = status === 401 ? ' Give a key: --key, or SLUICE_ADMIN_KEY.' : ''
    return failure(code, told + cure)
  }
}

function failure(code: ErrorCode, message: string): GatewayError {
  return new GatewayError(code, message)
}

function parse(text: string): JsonObject | string {
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    return text
  }
}
