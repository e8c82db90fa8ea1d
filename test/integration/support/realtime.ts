/** A gateway in front of upstreams that speak WebSockets, and clients of every kind. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { definePlugin, GatewayError } from '@sluice/core'
import type { GatewayConfig, JsonObject, PluginInstance, Timeouts } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { openai } from '@sluice/provider-openai'
import { realtime } from '@sluice/route-realtime'
import { WebSocket, WebSocketServer } from 'ws'
import type { ClientOptions, RawData } from 'ws'
import { Ends } from './setting.ts'

/** One side of an open WebSocket, with all that has come over it. */
export class Peer {
  readonly socket: WebSocket
  readonly #messages: { data: Buffer; binary: boolean }[] = []
  #taken = 0
  /** Code and reason, once it is closed. */
  readonly closed: Promise<{ code: number; reason: string }>

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('message', (data: RawData, binary) => this.#messages.push({ data: data as Buffer, binary }))
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
  }

  /** The next message that nobody has taken. */
  async next(): Promise<{ data: Buffer; binary: boolean }> {
    while (this.#messages.length <= this.#taken) await once(this.socket, 'message')
    return this.#messages[this.#taken++]!
  }

  async nextEvent(): Promise<JsonObject> {
    return JSON.parse((await this.next()).data.toString()) as JsonObject
  }

  send(event: object): void {
    this.socket.send(JSON.stringify(event))
  }

  /** The connection below the frames. */
  get connection(): Socket {
    return (this.socket as unknown as { _socket: Socket })._socket
  }
}

/** What an upstream does with a handshake: refuse it, or take the bare connection. */
type Handshake = (request: IncomingMessage, socket: Duplex) => void

export interface RealtimeUpstream {
  url: string
  /** Handshakes so far. */
  requests: IncomingMessage[]
  /** Connections open now. */
  connections: Set<Socket>
  /** What to do from now on in place of opening. */
  answer: (handshake: Handshake) => void
  /** The session that opens as number `index`, from 0. */
  at: (index?: number) => Promise<Peer>
  close: () => Promise<void>
}

/** Refuses with a plain reply. */
export function refusing(status: number, headers: { [name: string]: string } = {}, body = ''): Handshake {
  const lines = Object.entries({ ...headers, 'content-length': body.length }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  return (_request, socket) => void socket.end(`HTTP/1.1 ${status} No\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}

async function realtimeUpstream(): Promise<RealtimeUpstream> {
  const requests: IncomingMessage[] = []
  const peers: Peer[] = []
  const connections = new Set<Socket>()
  // It would compress if it were asked to.
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true, maxPayload: 1024 ** 3 })
  let handshake: Handshake = (request, socket) => {
    sockets.handleUpgrade(request, socket, Buffer.alloc(0), (opened) => {
      peers.push(new Peer(opened))
      server.emit('session')
    })
  }
  const server = createServer((_request, response) => response.writeHead(426).end())
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('error', () => undefined).on('close', () => connections.delete(socket))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    requests.push(request)
    handshake(request, socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    connections,
    answer: (given) => void (handshake = given),
    async at(index = 0) {
      while (peers.length <= index) await once(server, 'session')
      return peers[index]!
    },
    async close() {
      for (const socket of connections) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface RealtimeOptions {
  /** Targets of the model `m`: `up0/one`, `up1/two`. */
  targets?: number
  /** Where the first target is, in place of its upstream. */
  url?: string
  timeouts?: Partial<Timeouts>
  server?: GatewayConfig['server']
  realtime?: Parameters<typeof realtime>[0]
  plugins?: readonly PluginInstance[]
}

export interface RealtimeSetting {
  gateway: TestGateway
  upstreams: readonly RealtimeUpstream[]
  upstream: RealtimeUpstream
  ends: Ends
  /** Opens a session; rejects with what refused it. */
  connect: (path?: string, options?: ClientOptions, protocols?: string[]) => Promise<Peer>
  [Symbol.asyncDispose]: () => Promise<void>
}

/** Why there is no session: what came in place of one. */
export class Refusal extends Error {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string

  constructor({ statusCode = 0, headers }: IncomingMessage, body: string) {
    super(`${statusCode} ${body}`)
    this.status = statusCode
    this.headers = headers
    this.body = body
  }

  /** The code in its JSON. */
  get code(): unknown {
    return (JSON.parse(this.body) as { error: { code: string } }).error.code
  }
}

const AT = '/v1/realtime?model=m'

async function open(url: string, options: ClientOptions, protocols: string[]): Promise<Peer> {
  const socket = new WebSocket(url, protocols, { maxPayload: 1024 ** 3, ...options })
  const peer = new Peer(socket)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve).once('error', reject)
    socket.once('unexpected-response', (_request, reply: IncomingMessage) => {
      let body = ''
      reply.on('data', (piece: Buffer) => void (body += piece.toString()))
      reply.on('end', () => reject(new Refusal(reply, body)))
    })
  })
  return peer
}

/** Knows one key, and lets it use any model but `up0/secret`. */
export const door = definePlugin({
  name: 'test-door',
  version: '1.0.0',
  api: 1,
  setup({ hooks }) {
    hooks.authenticate.tap('key', ({ headers }) => {
      return headers.authorization === 'Bearer gateway-key' ? { id: 'tester' } : undefined
    })
    hooks.authorize.tap('models', ({ model }) => {
      if (model === 'up0/secret') throw new GatewayError('permission_denied', 'Not you.')
    })
  },
})

/** Every exchange completes exactly once, or the disposal rejects. */
export async function setUpRealtime(options: RealtimeOptions = {}): Promise<RealtimeSetting> {
  const { targets = 1, server = {}, plugins = [], url } = options
  const upstreams = await Promise.all(Array.from({ length: targets }, realtimeUpstream))
  const ends = new Ends()
  const gateway = await createTestGateway({
    server,
    models: { m: { targets: ['up0/one', 'up1/two'].slice(0, targets) } },
    plugins: [
      openaiDialect(),
      realtime(options.realtime),
      echo(),
      ...upstreams.map((upstream, index) =>
        openai(
          {
            apiKey: 'upstream-key',
            baseUrl: (index === 0 && url) || upstream.url,
            ...(options.timeouts && { timeouts: options.timeouts }),
          },
          { id: `up${index}` },
        ),
      ),
      ...plugins,
      ends.plugin,
    ],
  })
  const close = async (): Promise<void> => {
    // Clients that are still there end with their upstreams.
    await Promise.all(upstreams.map((upstream) => upstream.close()))
    await gateway.close()
    const ids = ends.all.map(({ id }) => id)
    assert.deepEqual(ids, [...new Set(ids)], 'an exchange completed twice')
  }
  return {
    gateway,
    upstreams,
    upstream: upstreams[0]!,
    ends,
    connect: (path = AT, settings = {}, protocols = []) =>
      open(gateway.url.replace('http:', 'ws:') + path, settings, protocols),
    [Symbol.asyncDispose]: close,
  }
}

/** The event with which an upstream counts an answer. */
export function responseDone(
  input: number,
  output: number,
  more: { cached?: number; audio?: number } = {},
): JsonObject {
  const { cached = 0, audio = 0 } = more
  const usage = {
    total_tokens: input + output,
    input_tokens: input,
    output_tokens: output,
    input_token_details: { text_tokens: input - audio, audio_tokens: audio, cached_tokens: cached },
    output_token_details: { text_tokens: output, audio_tokens: 0 },
  }
  return { type: 'response.done', event_id: 'event_1', response: { id: 'resp_1', status: 'completed', usage } }
}
