/**
 * Server-sent events, after the WHATWG specification (https://html.spec.whatwg.org/multipage/server-sent-events.html):
 * LF, CRLF and CR line ends, comments, multi-line data, a leading BOM, and bytes cut anywhere.
 */
import { GatewayError } from '@sluice/core'
import type { Frame } from './stream-codec.ts'

/** Largest frame accepted from an upstream, in bytes. */
export const FRAME_LIMIT = 8 * 1024 * 1024

const LF = 10
const CR = 13

function tooLarge(limit: number): GatewayError {
  return new GatewayError('upstream_error', `The upstream sent an event of more than ${limit} bytes.`)
}

/** Turns network chunks into frames. Keeps at most one frame of at most `limit` bytes. */
export class SseReader {
  readonly #limit: number
  /** Bytes after the last line end: part of a line, perhaps of a character. */
  #rest: Buffer[] = []
  #restBytes = 0
  #event = ''
  #data: string | undefined
  #atStart = true
  #afterCr = false

  constructor(limit = FRAME_LIMIT) {
    this.#limit = limit
  }

  /** Appends the frames that `chunk` completes to `out`. Throws `upstream_error` above the limit. */
  push(chunk: Buffer, out: Frame[]): void {
    if (chunk.length === 0) return
    const from = this.#afterCr && chunk[0] === LF ? 1 : 0
    const lastCr = chunk.lastIndexOf(CR) + 1
    const end = Math.max(chunk.lastIndexOf(LF) + 1, lastCr)
    this.#afterCr = lastCr === chunk.length
    if (end <= from) return this.#hold(chunk.subarray(from))

    // A line end is never inside a character, so whole lines decode safely.
    const lines = chunk.subarray(from, end)
    const text = this.#restBytes === 0 ? lines.toString() : Buffer.concat([...this.#rest, lines]).toString()
    this.#rest = []
    this.#restBytes = 0
    if (end < chunk.length) this.#hold(chunk.subarray(end))
    this.#readLines(lastCr === 0 ? text : text.replace(/\r\n?/g, '\n'), out)
  }

  /** The stream is over: a last event without its blank line still counts. */
  end(out: Frame[]): void {
    const text = Buffer.concat(this.#rest).toString()
    this.#rest = []
    this.#restBytes = 0
    this.#readLines(`${text}\n\n`, out)
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#rest.push(bytes)
    this.#restBytes += bytes.length
    if (this.#restBytes > this.#limit) throw tooLarge(this.#limit)
  }

  #readLines(text: string, out: Frame[]): void {
    let start = 0
    if (this.#atStart) {
      this.#atStart = false
      if (text.charCodeAt(0) === 0xfeff) start = 1
    }
    for (let end = text.indexOf('\n', start); end !== -1; start = end + 1, end = text.indexOf('\n', start)) {
      if (end === start) this.#dispatch(out)
      else this.#readLine(text, start, end)
    }
  }

  #readLine(text: string, start: number, end: number): void {
    const colon = text.indexOf(':', start)
    if (colon === start) return // a comment
    const nameEnd = colon === -1 || colon > end ? end : colon
    let valueStart = Math.min(nameEnd + 1, end)
    if (text.charCodeAt(valueStart) === 32) valueStart++
    const name = text.slice(start, nameEnd)
    if (name === 'data') {
      const value = text.slice(valueStart, end)
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
      if (this.#data.length > this.#limit) throw tooLarge(this.#limit)
    } else if (name === 'event') this.#event = text.slice(valueStart, end)
    // `id` and `retry` steer reconnection, which a gateway does not do.
  }

  #dispatch(out: Frame[]): void {
    if (this.#data !== undefined) out.push({ event: this.#event, data: this.#data })
    this.#event = ''
    this.#data = undefined
  }
}

/**
 * Finds frame ends without reading the frames, so that untouched bytes can be forwarded in whole frames:
 * if the upstream is cut inside a frame, the client never sees its torn half.
 */
export class FrameCutter {
  readonly #limit: number
  #rest: Buffer[] = []
  #restBytes = 0

  constructor(limit = FRAME_LIMIT) {
    this.#limit = limit
  }

  /** The bytes that may go out now: whole frames, or undefined. Throws `upstream_error` above the limit. */
  push(chunk: Buffer): Buffer | undefined {
    const end = this.#frameEnd(chunk)
    if (end === chunk.length && this.#restBytes === 0) return chunk
    const whole = end === 0 ? undefined : Buffer.concat([...this.#rest, chunk.subarray(0, end)])
    if (whole) {
      this.#rest = []
      this.#restBytes = 0
    }
    if (end < chunk.length) {
      this.#rest.push(chunk.subarray(end))
      this.#restBytes += chunk.length - end
      if (this.#restBytes > this.#limit) throw tooLarge(this.#limit)
    }
    return whole
  }

  /** What was held back, for a stream that ended well. */
  end(): Buffer | undefined {
    return this.#restBytes === 0 ? undefined : Buffer.concat(this.#rest)
  }

  /** Index just behind the last blank line that ends in `chunk`; 0 if none does. */
  #frameEnd(chunk: Buffer): number {
    const hasCr = chunk.includes(CR)
    for (let at = chunk.length - 1; at >= 0;) {
      const byte = chunk[at]
      if (byte === LF || byte === CR) {
        if (this.#isBlankLine(chunk, at)) return at + 1
        at--
      } else {
        at = Math.max(chunk.lastIndexOf(LF, at), hasCr ? chunk.lastIndexOf(CR, at) : -1)
      }
    }
    return 0
  }

  /** Whether the line end whose last byte is at `at` closes an empty line. */
  #isBlankLine(chunk: Buffer, at: number): boolean {
    if (chunk[at] === CR) {
      // CR alone ends a line; as the first half of CRLF it is judged at its LF.
      const next = chunk[at + 1]
      return next !== LF && this.#isLineEnd(chunk, at - 1)
    }
    const before = this.#byteAt(chunk, at - 1)
    return before === CR ? this.#isLineEnd(chunk, at - 2) : before === LF
  }

  #isLineEnd(chunk: Buffer, at: number): boolean {
    const byte = this.#byteAt(chunk, at)
    return byte === LF || byte === CR
  }

  /** The byte at `at`, which may be before this chunk, in what was held back. */
  #byteAt(chunk: Buffer, at: number): number | undefined {
    if (at >= 0) return chunk[at]
    let back = -at
    for (let i = this.#rest.length - 1; i >= 0; i--) {
      const piece = this.#rest[i] as Buffer
      if (back <= piece.length) return piece[piece.length - back]
      back -= piece.length
    }
    return undefined
  }
}

/** Whether an empty line ends just before `at`. */
function endsFrame(bytes: Buffer, at: number): boolean {
  const last = bytes[at - 1]
  if (last === CR) return bytes[at - 2] === CR
  return last === LF && (bytes[at - 2] === LF || (bytes[at - 2] === CR && bytes[at - 3] === LF))
}

/** Where the first frame of `bytes` ends; its length if it does not. */
export function firstEnd(bytes: Buffer): number {
  let at = 2
  while (at < bytes.length && !endsFrame(bytes, at)) at++
  return Math.min(at, bytes.length)
}

/** Where the last frame that starts at or before `at` starts; 0 for the first one. */
export function startBefore(bytes: Buffer, at: number): number {
  let start = at
  while (start > 1 && !endsFrame(bytes, start)) start--
  return start > 1 ? start : 0
}

/** Writes one frame. `data` must hold no line end, as JSON text does. */
export function sseFrame(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`
}

/** A comment that keeps idle connections open and that clients ignore. */
export const HEARTBEAT = ': keep-alive\n\n'
