/** What goes wrong with connections: cuts, resets and stalls, as replies of a mock upstream. */
import type { ServerResponse } from 'node:http'
import type { UpstreamReply } from './mock-upstream.ts'
import { send, toBuffer } from './pieces.ts'

/** Resets the connection (TCP RST) without an answer. */
export function resetBeforeHeaders(): UpstreamReply {
  return (_request, response) => reset(response)
}

/** Announces a JSON body of twice `bytes`, sends the first half and resets the connection. */
export function resetMidBody(bytes: number): UpstreamReply {
  return async (_request, response) => {
    await beginBody(response, bytes)
    reset(response)
  }
}

/** A stream whose connection is closed after `atByte` bytes, without the end of its chunked coding. */
export function cutMidStream(stream: string | Buffer, atByte: number): UpstreamReply {
  return async (_request, response) => {
    await beginStream(response, stream, atByte)
    response.destroy()
  }
}

/** A stream that ends after `atByte` bytes as if that were all: HTTP says whole, the dialect knows better. */
export function endMidStream(stream: string | Buffer, atByte: number): UpstreamReply {
  return async (_request, response) => {
    await beginStream(response, stream, atByte)
    response.end()
  }
}

/** Takes the request and never answers. */
export function stallBeforeHeaders(): UpstreamReply {
  return (_request, response) => stall(response)
}

/** A stream that falls silent after its headers and `atByte` bytes. */
export function stallMidStream(stream: string | Buffer = '', atByte = 0): UpstreamReply {
  return async (_request, response) => {
    await beginStream(response, stream, atByte)
    await stall(response)
  }
}

/** Announces a JSON body of twice `bytes`, sends the first half and falls silent. */
export function stallMidBody(bytes: number): UpstreamReply {
  return async (_request, response) => {
    await beginBody(response, bytes)
    await stall(response)
  }
}

/** What became of an endless stream. */
export interface EndlessReply extends UpstreamReply {
  /** Bytes written so far. */
  bytes: number
  /** Whether the reader ever was slower than the writer, so that bytes had to wait on this side. */
  backpressure: boolean
}

/** `frame` for as long as the peer takes it. */
export function endless(frame: string): EndlessReply {
  const block = Buffer.from(frame.repeat(Math.ceil(16_384 / frame.length)))
  const reply: EndlessReply = Object.assign(
    async (_request: unknown, response: ServerResponse) => {
      await beginStream(response, '', 0)
      while (!response.destroyed) {
        const sent = send(response, block)
        reply.bytes += block.length
        // What the kernel could not take within a turn of the event loop waits for the reader.
        await new Promise(setImmediate)
        if (response.writableLength > 0) reply.backpressure = true
        await sent
      }
    },
    { bytes: 0, backpressure: false },
  )
  return reply
}

async function beginStream(response: ServerResponse, stream: string | Buffer, atByte: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  response.flushHeaders()
  await send(response, toBuffer(stream).subarray(0, atByte))
}

async function beginBody(response: ServerResponse, bytes: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes * 2 })
  await send(response, `{"text":"${'a'.repeat(bytes)}`.slice(0, bytes))
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

/** Lasts until the connection is gone. */
function stall(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) resolve()
    else response.once('close', resolve)
  })
}
