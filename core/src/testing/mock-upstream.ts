/** A provider that does what it is told: a real HTTP/1.1 server on the loopback, for tests of everything that calls one. */
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { json } from './replies.ts'
import { UpstreamRequest } from './upstream-request.ts'

/** Answers one request whose body has been read. The peer may be gone at any time. */
export type UpstreamReply = (request: UpstreamRequest, response: ServerResponse) => void | Promise<void>

export interface MockUpstreamOptions {
  /** Milliseconds to wait after each piece (64 KiB at most) of a request's body: an upstream that reads slowly. */
  slowDrain?: number
}

export interface MockUpstream {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** All requests so far, in order of arrival. */
  readonly requests: UpstreamRequest[]
  /** Connections open now. */
  readonly sockets: number
  /**
   * Scripts the answers from now on: each is given once, in turn; the last one is given for ever.
   * Without a script every answer is a 500.
   */
  reply(...replies: [UpstreamReply, ...UpstreamReply[]]): void
  /** The request that arrives as number `index`, from 0, as soon as its headers are there. */
  request(index?: number): Promise<UpstreamRequest>
  /** Cuts what is open and stops listening. Rejects if a reply threw, so that a broken script cannot go unseen. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const unscripted = json({ error: { message: 'The mock upstream has no reply for this.' } }, { status: 500 })

/** Starts an upstream on a free port. */
export async function mockUpstream(options: MockUpstreamOptions = {}): Promise<MockUpstream> {
  const requests: UpstreamRequest[] = []
  const arrivals = new EventEmitter()
  const sockets = new Set<Socket>()
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  let script: UpstreamReply[] = [unscripted]

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = new UpstreamRequest(incoming, response)
    requests.push(request)
    arrivals.emit('request')
    const body = await readBody(incoming, options.slowDrain ?? 0)
    if (body === undefined) return
    request.body = body
    const reply = script.length > 1 ? script.shift() : script[0]
    try {
      await reply?.(request, response)
    } catch (error) {
      failures.push(error)
      response.destroy()
    }
  }

  const server = createServer((incoming, response) => {
    response.on('error', () => {}) // writing to a peer that has gone is no failure here
    const run = answer(incoming, response).finally(() => running.delete(run))
    running.add(run)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const close = async (): Promise<void> => {
    const closed = Array.from(sockets, (socket) => new Promise((resolve) => socket.once('close', resolve)))
    server.close()
    server.closeAllConnections()
    await Promise.all([...closed, ...running])
    if (failures.length > 0) throw new AggregateError(failures, 'a reply of the mock upstream threw')
  }

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get sockets() {
      return sockets.size
    },
    reply: (...replies) => {
      script = replies
    },
    request: async (index = 0) => {
      while (requests.length <= index) await once(arrivals, 'request')
      return requests[index] as UpstreamRequest
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The URL of a port on which nothing listens: a connection to it is refused. */
export async function refusedUrl(): Promise<string> {
  const upstream = await mockUpstream()
  await upstream.close()
  return upstream.url
}

/** The whole body, or undefined if the peer left before its end. */
async function readBody(incoming: IncomingMessage, pauseMs: number): Promise<Buffer | undefined> {
  const pieces: Buffer[] = []
  try {
    for await (const piece of incoming as AsyncIterable<Buffer>) {
      pieces.push(piece)
      if (pauseMs > 0) await sleep(pauseMs)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(pieces)
}
