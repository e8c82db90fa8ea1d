/**
 * HTTP/2. Without TLS it is on the port of HTTP/1: clients that know beforehand (AWS's SDKs for streams, gRPC-like
 * ones) open with HTTP/2's preface, on which Node's HTTP/1 parser stops (RFC 9113, section 3.3).
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http2'
import type { Http2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** `connect` takes a socket on which HTTP/2 was agreed; the others end what came: with its last exchange, or at once. */
export type Http2 = { connect: (socket: Socket | Duplex) => void; close: () => void; destroy: () => void }

export function acceptHttp2(server: Server, handler: Handler): Http2 {
  const sessions = new Map<Http2Session, Socket | Duplex>()
  /** Those that no longer speak HTTP/1, whose parser goes on waiting for a request and would time out. */
  const taken = new WeakSet<Socket>()
  const http2 = createServer((request, response) => {
    // What a request of HTTP/2 calls its socket hides where it comes from.
    Object.defineProperty(request, 'socket', { value: sessions.get(request.stream.session!) })
    handler(request as never, response as never)
  })
  http2.on('sessionError', () => undefined) // its exchanges are told by their own events
  const connect = (socket: Socket | Duplex): void => {
    http2.once('session', (session) => {
      sessions.set(session, socket)
      session.once('close', () => sessions.delete(session))
    })
    http2.emit('connection', socket)
  }
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Socket) => {
    if (taken.has(socket)) return
    if (error.code === 'HPE_PAUSED_H2_UPGRADE') {
      taken.add(socket)
      socket.removeAllListeners()
      connect(new Replayed(socket, error.rawPacket!))
    } else refuse(error, socket)
  })
  return {
    connect,
    close: () => sessions.forEach((_, session) => session.close()),
    destroy: () => sessions.forEach((_, session) => session.destroy()),
  }
}

/** As Node does where nobody listens. */
function refuse({ code }: NodeJS.ErrnoException, socket: Socket): void {
  const status = code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const late = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : status
  if (socket.writable) socket.write(`HTTP/1.1 ${late}\r\nConnection: close\r\n\r\n`)
  socket.destroy()
}

/** A socket of which some bytes have been read already. */
class Replayed extends Duplex {
  readonly #socket: Socket
  readonly remoteAddress: string | undefined

  constructor(socket: Socket, head: Buffer) {
    super()
    this.#socket = socket
    this.remoteAddress = socket.remoteAddress
    this.push(head)
    socket.on('data', (chunk) => void (this.push(chunk) || socket.pause()))
    socket.on('end', () => this.push(null)).on('close', () => this.destroy())
    socket.on('error', (error) => this.destroy(error))
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, encoding, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}
