/** Streams as one JSON array, whose elements come one by one. */
import { GatewayError } from '@sluice/core'
import { FRAME_LIMIT } from '@sluice/dialect-kit'
import type { Frame, FrameReader, Framing } from '@sluice/dialect-kit'

const QUOTE = 34
const BACKSLASH = 92
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE, COMMA] = [91, 93, 123, 125, 44]

/** Where the objects in an array's bytes begin and end, over chunks cut anywhere. */
class ElementScanner {
  #depth = 0
  #inString = false
  #isEscaped = false

  /** Whether the bytes so far end between two elements. */
  get isBetween(): boolean {
    return this.#depth === 0
  }

  /** 1 behind a byte that ends an element, -1 at one that begins one, else 0. Throws `upstream_error` on what is no array of objects. */
  take(byte: number): -1 | 0 | 1 {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === BACKSLASH) this.#isEscaped = true
      else if (byte === QUOTE) this.#inString = false
      return 0
    }
    if (this.#depth === 0) {
      if (byte === OPEN_BRACE) {
        this.#depth = 1
        return -1
      }
      if (byte > 32 && byte !== OPEN_BRACKET && byte !== CLOSE_BRACKET && byte !== COMMA) {
        throw new GatewayError('upstream_error', 'The upstream sent a stream that is not an array of JSON objects.')
      }
      return 0
    }
    if (byte === QUOTE) this.#inString = true
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return --this.#depth === 0 ? 1 : 0
    return 0
  }
}

/** Holds the bytes that a chunk left behind its last whole element. */
class Rest {
  #pieces: Buffer[] = []
  #bytes = 0

  /** Everything held, and `more`. */
  with(more: Buffer): Buffer {
    const all = this.#bytes === 0 ? more : Buffer.concat([...this.#pieces, more])
    this.#pieces = []
    this.#bytes = 0
    return all
  }

  hold(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#pieces.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes > FRAME_LIMIT) {
      throw new GatewayError('upstream_error', `The upstream sent an element of more than ${FRAME_LIMIT} bytes.`)
    }
  }
}

class ElementReader implements FrameReader {
  readonly #scanner = new ElementScanner()
  readonly #rest = new Rest()

  push(chunk: Buffer, out: Frame[]): void {
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      const edge = this.#scanner.take(chunk[at]!)
      if (edge === -1) start = at
      else if (edge === 1) out.push({ event: '', data: this.#rest.with(chunk.subarray(start, at + 1)).toString() })
    }
    if (!this.#scanner.isBetween) this.#rest.hold(chunk.subarray(start))
  }

  /** Half an element is no JSON, which whoever decodes it says. */
  end(out: Frame[]): void {
    const data = this.#rest.with(Buffer.alloc(0)).toString()
    if (data !== '') out.push({ event: '', data })
  }
}

class ElementCutter {
  readonly #scanner = new ElementScanner()
  readonly #rest = new Rest()

  push(chunk: Buffer): Buffer | undefined {
    let end = 0
    for (let at = 0; at < chunk.length; at++) if (this.#scanner.take(chunk[at]!) === 1) end = at + 1
    const whole = end === 0 ? undefined : this.#rest.with(chunk.subarray(0, end))
    this.#rest.hold(chunk.subarray(end))
    return whole
  }

  end(): Buffer | undefined {
    const rest = this.#rest.with(Buffer.alloc(0))
    return rest.length > 0 ? rest : undefined
  }
}

/** White space between elements is a heartbeat. */
export const jsonArray: Framing = {
  contentType: 'application/json',
  heartbeat: '\n',
  reader: () => new ElementReader(),
  cutter: () => new ElementCutter(),
  firstEnd(bytes) {
    const scanner = new ElementScanner()
    const last = bytes.findIndex((byte) => scanner.take(byte) === 1)
    return last === -1 ? bytes.length : last + 1
  },
  startBefore(bytes, at) {
    const scanner = new ElementScanner()
    let start = 0
    for (let index = 0; index <= at && index < bytes.length; index++) {
      if (scanner.take(bytes[index]!) === -1) start = index
    }
    return start
  },
}
