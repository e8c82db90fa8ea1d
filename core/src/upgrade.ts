/** Requests that open a WebSocket: they are answered like all others, on a socket that HTTP has let go of. */
import { ServerResponse } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Milliseconds in which a client must have taken what it was sent last, and have closed its side. */
const LINGER = 5_000

/** Whether a request is a WebSocket's handshake. All that asks for other protocols is plain HTTP (RFC 9110, section 7.8). */
export function opensSocket({ method, headers }: IncomingMessage): boolean {
  const hasBody = 'content-length' in headers || 'transfer-encoding' in headers
  return method === 'GET' && !hasBody && headers.upgrade?.toLowerCase() === 'websocket'
}

/** Nothing but the reply itself ends such a connection: it is closed after a refusal, too. */
export function acceptUpgrades(server: Server, handler: Handler): void {
  server.on('upgrade', (request, _stream, head) => {
    const { socket } = request
    socket.on('error', () => undefined) // 'close' follows
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    try {
      response.assignSocket(socket)
    } catch {
      return socket.destroy() // it did not wait for the reply to an earlier request
    }
    if (head.length > 0) socket.unshift(head)
    socket.on('drain', () => response.emit('drain'))
    // Whoever says that it will send no more is leaving.
    socket.once('end', () => response.writableEnded || response.destroy())
    response.once('finish', () => {
      // Closing while the client still sends would take the last bytes from it.
      socket.resume().end()
      const timer = setTimeout(() => socket.destroy(), LINGER)
      socket.once('close', () => clearTimeout(timer))
    })
    handler(request, response)
  })
}
