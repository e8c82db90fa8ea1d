/** Exchanges that the gateway makes itself: chains, judges, shadow traffic. The same pipeline, another client. */
import { Readable } from 'node:stream'
import type { Client } from './client.ts'
import type { Dialect } from './dialect.ts'
import { GatewayError } from './errors.ts'
import { ANONYMOUS, Exchange } from './exchange.ts'
import type { Answer, Principal } from './exchange.ts'
import type { Kernel } from './kernel.ts'
import type { JsonObject } from './model.ts'
import type { CanonicalRequest } from './operations.ts'
import { serve } from './pipeline.ts'

/** The principal is the parent's unless one is given. `begin` is shown the exchange before it begins. */
export type DispatchOptions = {
  parent?: Exchange
  principal?: Principal
  signal?: AbortSignal
  begin?: (exchange: Exchange) => void
}

/** Parts that wait for a slow consumer before the upstream is paused. */
const QUEUE_LIMIT = 256

/** The gateway's own voice: for operator routes, unknown paths and exchanges without a wire format. */
export const GATEWAY_DIALECT: Dialect = {
  name: 'gateway',
  codecs: {},
  endpoints: [],
  requestHeaders: [],
  replyHeaders: [],
  encodeError: ({ code, message, param }, id): JsonObject => ({
    error: { code, message, ...(param ? { param } : {}), request_id: id },
  }),
  encodeStreamError: ({ code, message }) => `data: ${JSON.stringify({ error: { code, message } })}\n\n`,
  decodeError: (status) => new GatewayError('upstream_error', `The upstream answered with status ${status}.`),
}

/**
 * Runs `request` through the pipeline from `authorize` on; nothing of a client's credentials goes along.
 * @returns the response, or the parts if `request.stream` is set @throws GatewayError as a client would be told
 */
export async function dispatch(kernel: Kernel, request: CanonicalRequest, options: DispatchOptions): Promise<Answer> {
  const { parent, principal = parent?.principal ?? ANONYMOUS, signal } = options
  const exchange = new Exchange({
    method: 'POST',
    path: '/internal',
    search: '',
    params: {},
    headers: {},
    ip: '',
    dialect: GATEWAY_DIALECT,
    endpoint: { method: 'POST', path: '/internal', operation: request.operation },
    revision: kernel.revision,
    log: kernel.log,
    parent,
  })
  Object.assign(exchange, { principal, request, model: request.model, stream: request.stream })
  options.begin?.(exchange)
  const givenUp = new GatewayError('client_closed', 'The internal request was given up.')
  const stop = (): void => exchange.abort(givenUp)
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  const answered = Promise.withResolvers<Answer>()
  const client = internalClient(answered, stop)
  void serve(kernel, exchange, client, () => Promise.resolve(undefined)).then(() =>
    signal?.removeEventListener('abort', stop),
  )
  return answered.promise
}

function internalClient(answered: PromiseWithResolvers<Answer>, giveUp: () => void): Client {
  const finished = Promise.withResolvers<void>()
  const reject = (error: GatewayError): void => {
    answered.reject(error)
    finished.resolve()
  }
  return {
    takesBytes: false,
    started: false,
    answer: undefined,
    read: () => Promise.resolve(),
    send: (_exchange, _reply, error) =>
      reject(error ?? new GatewayError('permission_denied', 'A plugin answered in place of a model.')),
    sendResponse(_exchange, _reply, response) {
      answered.resolve(response)
      finished.resolve()
    },
    openBytes() {
      throw new TypeError('an internal exchange takes parts, not bytes')
    },
    openParts() {
      let drained: (() => void) | undefined
      let over = false
      const parts = new Readable({ objectMode: true, highWaterMark: QUEUE_LIMIT, read: () => drained?.() })
      parts.on('error', () => undefined) // whoever iterates is told; nobody may be doing so yet
      parts.once('close', () => {
        if (!over) giveUp()
        finished.resolve()
      })
      const end = (error?: GatewayError): void => {
        over = true
        if (error) parts.destroy(error)
        else parts.push(null)
      }
      answered.resolve(parts)
      return {
        take: (batch) => batch.map((part) => parts.push(part)).at(-1) ?? true,
        onDrain: (listener) => void (drained = listener),
        end,
        stop: () => end(new GatewayError('client_closed', 'The internal request was given up.')),
      }
    },
    finished: () => finished.promise,
    destroy: reject,
  }
}
