/** Answers for a mock upstream: what providers send, well and badly. Faults of the connection are in `faults.ts`. */
import type { OutgoingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { JsonObject } from '../model.ts'
import type { UpstreamReply } from './mock-upstream.ts'
import { pieces, sendPieces } from './pieces.ts'
import type { Pieces } from './pieces.ts'

export interface ReplyHead {
  /** Default 200. */
  status?: number
  /** Lower-case names; they win over what the reply would send, so that a wrong content type is `{ 'content-type': … }`. */
  headers?: OutgoingHttpHeaders
}

/** A whole body in one piece. */
export function body(
  bytes: string | Buffer,
  contentType: string,
  { status = 200, headers = {} }: ReplyHead = {},
): UpstreamReply {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(bytes), ...headers })
    response.end(bytes)
  }
}

export function json(value: unknown, head?: ReplyHead): UpstreamReply {
  return body(JSON.stringify(value), 'application/json', head)
}

export function text(value: string, head?: ReplyHead): UpstreamReply {
  return body(value, 'text/plain; charset=utf-8', head)
}

export function html(value: string, head?: ReplyHead): UpstreamReply {
  return body(value, 'text/html; charset=utf-8', head)
}

/** A stream of server-sent events, in the pieces asked for, with a clean end. */
export function sse(stream: string | Buffer, head: ReplyHead & Pieces = {}): UpstreamReply {
  return async (_request, response) => {
    response.writeHead(head.status ?? 200, { 'content-type': 'text/event-stream; charset=utf-8', ...head.headers })
    await sendPieces(response, pieces(stream, head.chunk), head.delayMs)
    response.end()
  }
}

/** `frame` again and again, `count` times, one every `everyMs`. */
export function paced(frame: string, count: number, everyMs: number): UpstreamReply {
  return sse(frame.repeat(count), { chunk: 'frame', delayMs: everyMs })
}

/** A 429 that asks the client to wait, in seconds or as an HTTP date. */
export function rateLimited(retryAfter: number | string, error: JsonObject = { message: 'Slow down.' }): UpstreamReply {
  return json({ error }, { status: 429, headers: { 'retry-after': String(retryAfter) } })
}

/** What proxies in front of providers send when those are down. */
export function htmlErrorPage(status = 502): UpstreamReply {
  return html(`<html><head><title>${status}</title></head><body><h1>${status}</h1><hr>cloud</body></html>`, { status })
}

/** A 200 whose stream is one error event. */
export function errorInStream(error: JsonObject): UpstreamReply {
  return sse(`event: error\ndata: ${JSON.stringify(error)}\n\n`)
}

/** A stream with one event whose text holds bytes that are no UTF-8: a lone continuation, a cut sequence. */
export function invalidUtf8(): UpstreamReply {
  return sse(
    Buffer.concat([Buffer.from('data: {"text":"'), Buffer.from([0x80, 0xff, 0xe2, 0x82]), Buffer.from('"}\n\n')]),
  )
}

/** A stream with a single event of `bytes` bytes. */
export function hugeFrame(bytes = 10 * 1024 * 1024): UpstreamReply {
  const empty = 'data: {"text":""}\n\n'
  return sse(empty.replace('""', `"${'a'.repeat(bytes - empty.length)}"`))
}

/** JSON with `content-encoding: gzip`, asked for or not. */
export function gzippedJson(value: unknown, head: ReplyHead = {}): UpstreamReply {
  const headers = { 'content-encoding': 'gzip', ...head.headers }
  return body(gzipSync(JSON.stringify(value)), 'application/json', { ...head, headers })
}
