import { crc32 } from 'node:zlib'
import { broken, HEADERS_LIMIT, MESSAGE_LIMIT, OVERHEAD, PRELUDE } from './message.ts'

const EMPTY = Buffer.alloc(0)
/** Bytes for a beginning that are kept for the next one rather than freed. */
const KEPT = 64 * 1024

/**
 * Length of the message that starts at `at`, whose prelude is there.
 * @throws GatewayError `upstream_error` if it is none, or larger than what is accepted
 */
export function messageLength(bytes: Buffer, at: number): number {
  const total = bytes.readUInt32BE(at)
  const headers = bytes.readUInt32BE(at + 4)
  if (crc32(bytes.subarray(at, at + 8)) !== bytes.readUInt32BE(at + 8))
    throw broken('whose prelude has a wrong checksum')
  if (total < OVERHEAD || headers > total - OVERHEAD) throw broken('whose lengths cannot be')
  if (total > MESSAGE_LIMIT) throw broken(`of more than ${MESSAGE_LIMIT} bytes`)
  if (headers > HEADERS_LIMIT) throw broken(`with more than ${HEADERS_LIMIT} bytes of headers`)
  return total
}

/**
 * Finds where messages end without reading them. Keeps one message at most: the part of it that has come,
 * copied, so that many small chunks cost no more than few large ones.
 */
export class MessageCutter {
  #held = EMPTY
  #size = 0
  /** Bytes of the held message that must be there before there is anything to find out. */
  #needed = PRELUDE

  /** The bytes that may go out now: whole messages, or undefined. @throws GatewayError `upstream_error` on what is none */
  push(chunk: Buffer): Buffer | undefined {
    if (this.#size + chunk.length < this.#needed) return this.#hold(chunk)
    const bytes = this.#size === 0 ? chunk : Buffer.concat([this.#held.subarray(0, this.#size), chunk])
    this.#needed = PRELUDE
    const end = this.#wholeEnd(bytes)
    this.#size = 0
    if (end === bytes.length) return bytes
    this.#hold(bytes.subarray(end))
    return end === 0 ? undefined : bytes.subarray(0, end)
  }

  /** What is left of a message that was cut off. */
  end(): Buffer | undefined {
    return this.#size === 0 ? undefined : this.#held.subarray(0, this.#size)
  }

  /** Index behind the last whole message. */
  #wholeEnd(bytes: Buffer): number {
    let end = 0
    while (bytes.length - end >= PRELUDE) {
      let length: number
      try {
        length = messageLength(bytes, end)
      } catch (error) {
        if (end === 0) throw error
        this.#needed = 0 // what came before is good; the next call finds the same fault first
        break
      }
      if (length > bytes.length - end) {
        this.#needed = length
        break
      }
      end += length
    }
    return end
  }

  #hold(bytes: Buffer): undefined {
    const size = this.#size + bytes.length
    if (size > this.#held.length || (this.#size === 0 && this.#held.length > KEPT)) {
      const larger = Buffer.allocUnsafeSlow(Math.max(size, Math.min(this.#needed, this.#size * 2)))
      this.#held.copy(larger, 0, 0, this.#size)
      this.#held = larger
    }
    bytes.copy(this.#held, this.#size)
    this.#size = size
  }
}
