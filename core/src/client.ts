/** Who gets the reply. The pipeline knows only the interface: an HTTP client, or an internal exchange (`dispatch.ts`). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { codecOf } from './dialect.ts'
import type { ModelEntry, ReplyContext, StreamCodec } from './dialect.ts'
import { describe, GatewayError, invalidRequest } from './errors.ts'
import type { Exchange, Reply } from './exchange.ts'
import { readBody, StreamSink } from './http.ts'
import type { ServerSettings } from './config.ts'
import type { JsonObject } from './model.ts'
import type { CanonicalResponse } from './operations.ts'
import { ClientSocket, readRaw } from './raw.ts'
import type { PartOutput } from './stream.ts'
import { Upload } from './upload.ts'

/** Writes the reply to an operation that needs no model: a model list, an operator route. */
export type Answerer = (exchange: Exchange, models: readonly ModelEntry[]) => Reply | Promise<Reply>

export interface Client {
  /** Set if the gateway answers by itself. */
  readonly answer: Answerer | undefined
  /** Whether it takes an upstream's bytes if they are of its own dialect. */
  readonly takesBytes: boolean
  /** Whether the reply's head has gone out, so that no error reply is possible any more. */
  readonly started: boolean
  /** Reads the body, and what the kernel must know of it, into the exchange. */
  read(exchange: Exchange): Promise<void>
  /** Sends what the gateway, a plugin or an upstream wrote; `error` if it is a refusal. */
  send(exchange: Exchange, reply: Reply, error?: GatewayError): void
  sendResponse(exchange: Exchange, reply: Reply, response: CanonicalResponse): void
  openBytes(exchange: Exchange, reply: Reply, codec: StreamCodec): StreamSink
  openParts(exchange: Exchange, reply: Reply): PartOutput
  /** Settles when the client has the whole reply, or is gone. */
  finished(): Promise<void>
  /** Breaks off a reply that has begun. */
  destroy(error: GatewayError): void
}

export class HttpClient implements Client {
  readonly takesBytes = true
  readonly answer: Answerer | undefined
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #settings: ServerSettings
  readonly #closed = Promise.withResolvers<void>()
  #sink: StreamSink | undefined
  #upload: Upload | undefined
  #cut = false
  #discarding = false

  constructor(
    exchange: Exchange,
    request: IncomingMessage,
    response: ServerResponse,
    settings: ServerSettings,
    answer?: Answerer,
  ) {
    this.#request = request
    this.#response = response
    this.#settings = settings
    this.answer = answer
    response.once('close', () => {
      if (response.writableFinished) this.#discardBody()
      else if (!this.#cut) exchange.abort(new GatewayError('client_closed', 'The client closed the connection.'))
      if (this.#sink) exchange.bytesOut = this.#sink.bytes
      this.#closed.resolve()
    })
  }

  get started(): boolean {
    return this.#response.headersSent
  }

  async read(exchange: Exchange): Promise<void> {
    const { dialect, operation } = exchange
    const raw = dialect.raw?.[operation]
    const codec = codecOf(dialect, operation)
    if (operation !== 'operator' && !codec && !raw) return
    if (exchange.aborted) throw exchange.aborted // its events are past
    const { bodyLimit, bodyTimeout } = this.#settings
    if (raw) {
      const upload = (this.#upload = new Upload(this.#request, bodyLimit, bodyTimeout))
      const { route, head, rest: more } = await upload.within(() => readRaw(upload, exchange.start, raw))
      const rest = route.socket ? new ClientSocket(this.#request) : more
      Object.assign(exchange, { body: head, model: route.model, raw: { route, rest, sent: false } })
    } else {
      exchange.body = await readBody(this.#request, bodyLimit, bodyTimeout)
      if (!codec) return
      exchange.json = parseObject(exchange.body)
      Object.assign(exchange, codec.inspect(exchange.json, exchange.body, exchange.start))
    }
  }

  send(exchange: Exchange, { status, headers, body = '' }: Reply): void {
    if (this.started || this.#response.destroyed) return
    const json = typeof body === 'object' && !Buffer.isBuffer(body)
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(json ? JSON.stringify(body) : body)
    if (json) headers['content-type'] ??= 'application/json'
    const isBare = status === 204 || status === 304 || this.#request.method === 'HEAD'
    if (bytes.length > 0 || !isBare) headers['content-length'] = String(bytes.length)
    headers['x-request-id'] = exchange.id
    this.#discardBody()
    exchange.bytesOut = bytes.length
    this.#response.writeHead(status, headers).end(bytes)
  }

  /** Closing while the client still sends would take the reply from it: its body is read, but not for ever. */
  #discardBody(): void {
    if (this.#request.complete || this.#request.destroyed || this.#discarding) return
    this.#discarding = true
    this.#upload?.stop()
    const timer = setTimeout(() => this.#request.socket.destroy(), this.#settings.bodyTimeout)
    this.#request.resume().once('close', () => clearTimeout(timer))
  }

  sendResponse(exchange: Exchange, reply: Reply, response: CanonicalResponse): void {
    reply.body = codecOf(exchange.dialect, exchange.operation)!.encodeResponse(response, exchange)
    this.send(exchange, reply)
  }

  openBytes(exchange: Exchange, reply: Reply, { contentType, heartbeat }: StreamCodec): StreamSink {
    reply.headers['x-request-id'] = exchange.id
    reply.headers['cache-control'] ??= 'no-cache'
    if (contentType)
      reply.headers['content-type'] ??= contentType.startsWith('text/') ? `${contentType}; charset=utf-8` : contentType
    return (this.#sink = new StreamSink(this.#response, reply, heartbeat, this.#settings.heartbeat))
  }

  openParts(exchange: Exchange, reply: Reply): PartOutput {
    const { dialect, operation, id } = exchange
    const codec = codecOf(dialect, operation)!.stream!
    const writer = codec.writer(exchange as ReplyContext)
    const sink = this.openBytes(exchange, reply, codec)
    return {
      take(parts) {
        let text = ''
        const binary: Buffer[] = []
        for (let i = 0; i < parts.length; i++) {
          const frames = writer.push(parts[i]!)
          if (typeof frames === 'string') text += frames
          else binary.push(frames)
        }
        const frames = binary.length > 0 ? Buffer.concat(binary) : text
        return frames.length === 0 || sink.write(frames)
      },
      onDrain: (listener) => sink.onDrain(listener),
      end: (error) =>
        sink.end(error ? (writer.error?.(error, id) ?? dialect.encodeStreamError(error, id)) : writer.end()),
      stop: () => sink.stop(),
    }
  }

  finished(): Promise<void> {
    return this.#closed.promise
  }

  destroy(): void {
    this.#cut = true
    this.#response.destroy()
  }
}

function parseObject(body: Buffer): JsonObject {
  let json: unknown
  try {
    json = JSON.parse(body.toString())
  } catch (cause) {
    throw invalidRequest(`The body is not valid JSON: ${describe(cause)}.`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw invalidRequest('The body must be a JSON object.')
  return json as JsonObject
}
