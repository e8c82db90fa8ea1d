/** What a mock upstream saw of one request. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { JsonObject } from '../model.ts'
import { parseObject } from './json.ts'

export class UpstreamRequest {
  readonly method: string
  /** Path and query, as sent. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** The raw bytes; complete once the reply runs. */
  body: Buffer = Buffer.alloc(0)
  /** When the peer went away before the answer was over, on the clock of `performance.now()`. */
  closedAt: number | undefined = undefined
  /** Resolves at that moment; stays pending if the answer came to its end. */
  readonly closed: Promise<void>

  constructor(incoming: IncomingMessage, response: ServerResponse) {
    this.method = incoming.method ?? ''
    this.path = incoming.url ?? ''
    this.headers = incoming.headers
    this.closed = new Promise((resolve) => {
      const { socket } = incoming
      // A peer that leaves is seen as the end or an error of the socket; destroying it on this side is neither.
      const onGone = (): void => {
        if (response.writableFinished || this.closedAt !== undefined) return
        this.closedAt = performance.now()
        resolve()
      }
      socket.on('end', onGone).on('error', onGone)
      response.once('close', () => socket.off('end', onGone).off('error', onGone))
    })
  }

  /** The body, parsed. Throws if it is not a JSON object. */
  json(): JsonObject {
    return parseObject(this.body.toString())
  }
}
