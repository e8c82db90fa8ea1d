/** An upstream API over HTTP: one tuned connection pool, one call object a request. */
import { Readable } from 'node:stream'
import type { Operation, Timeouts, WireProvider, WireRequest } from '@sluice/core'
import { DEFAULT_TIMEOUTS } from '@sluice/core'
import { Pool } from 'undici'
import { HttpCall } from './http-call.ts'

type Headers = { readonly [name: string]: string }
/** What is about to be sent. `path` is the whole of it, with its query. */
export type OutgoingRequest = { method: string; host: string; path: string; body: Buffer | AsyncIterable<Buffer> }

const JSON_TYPE = 'application/json'

export interface HttpProviderOptions {
  dialect: string
  /** As the vendor's own SDK takes it; paths are appended. A trailing slash does not matter. */
  baseUrl: string
  /** Path and query below the base URL; undefined if the operation is not offered. Escape the model if it is in there. */
  path(operation: Operation, model: string, stream: boolean, dialect: string): string | undefined
  /**
   * Credential and fixed headers, lower-case names; a promise where a token has to be fetched first. Called
   * once an attempt with all that is sent, for APIs that want it signed.
   */
  headers(request: OutgoingRequest): Headers | Promise<Headers>
  /** Whose models it serves, by the name that price lists have for it. */
  vendor?: string
  /** Other dialects that the API speaks. */
  also?: readonly string[]
  adapt?: WireProvider['adapt']
  timeouts?: Partial<Timeouts>
  /** Speak HTTP/2 if the upstream offers it. Default: HTTP/1.1. */
  http2?: boolean
  /** Names for the model list, if they are known without asking. */
  models?: readonly string[]
}

/**
 * @returns the provider, and what closes its connections; what is still under way then fails
 * @throws Error if the base URL is none
 */
export function httpProvider(options: HttpProviderOptions): { provider: WireProvider; close: () => Promise<void> } {
  const { dialect, vendor, also, adapt, timeouts = {}, models } = options
  const url = parseUrl(options.baseUrl)
  const prefix = url.pathname.replace(/\/+$/, '')
  const poolOf = (allowH2: boolean): Pool =>
    new Pool(url.origin, {
      allowH2,
      connect: { timeout: timeouts.connect ?? DEFAULT_TIMEOUTS.connect },
      keepAliveTimeout: 30_000,
      // Each call has its own clock, which also knows about back-pressure and first bytes.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  const pool = poolOf(options.http2 ?? false)
  // Hardly any upstream opens WebSockets over HTTP/2.
  const sockets = options.http2 ? poolOf(false) : pool
  const provider: WireProvider = {
    kind: 'wire',
    dialect,
    address: url.origin + prefix,
    timeouts,
    send(request) {
      const { raw, operation, model, stream, codec } = request
      // Before the call's clock runs: it may throw on a model that cannot stand in a path.
      const suffix = raw ? raw.path : options.path(operation, model, stream, request.dialect)
      const call = new HttpCall(request)
      if (suffix === undefined) {
        call.refuse(`The provider does not offer ${operation}.`)
        return call
      }
      const method = raw?.method ?? 'POST'
      const outgoing: OutgoingRequest = { method, host: url.host, path: prefix + suffix, body: request.body }
      const dispatch = (own: Headers): void => {
        const headers = {
          ...(raw ? undefined : { 'content-type': JSON_TYPE, accept: (stream && codec?.contentType) || JSON_TYPE }),
          'user-agent': 'sluice',
          ...raw?.headers,
          ...own,
          ...request.headers,
        }
        const { path } = outgoing
        if (raw?.socket) sockets.dispatch({ method, path, headers, upgrade: 'websocket' }, call)
        else pool.dispatch({ method, path, headers, body: bodyOf(request) }, call)
      }
      const headers = options.headers(outgoing)
      if (headers instanceof Promise) headers.then(dispatch).catch((error: unknown) => call.fail(error))
      else dispatch(headers)
      return call
    },
    ...(vendor ? { vendor } : {}),
    ...(also ? { also } : {}),
    ...(adapt ? { adapt } : {}),
    ...(models ? { models } : {}),
  }
  return { provider, close: async () => void (await Promise.all([pool.destroy(), sockets.destroy()])) }
}

/** What undici sends; nothing where there is nothing to send. */
function bodyOf({ body }: WireRequest): Buffer | Readable | null {
  if (!Buffer.isBuffer(body)) return Readable.from(body, { objectMode: false })
  return body.length > 0 ? body : null
}

function parseUrl(baseUrl: string): URL {
  if (!URL.canParse(baseUrl) || !/^https?:/.test(baseUrl)) {
    throw new Error(`baseUrl "${baseUrl}" is not an http or https address`)
  }
  return new URL(baseUrl)
}
