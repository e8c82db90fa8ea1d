import { crc32 } from 'node:zlib'
import type { Frame, FrameReader } from '@sluice/dialect-kit'
import { MessageCutter } from './cutter.ts'
import { readHeaders } from './headers.ts'
import { broken, OVERHEAD, PRELUDE } from './message.ts'

/** Before the type of an exception in `Frame.event`: no event's name has a colon. */
export const EXCEPTION = 'exception:'

/**
 * Reads messages as frames: `event` is the event's type, or `exception:` and the exception's. Both
 * checksums are checked.
 */
export class MessageReader implements FrameReader {
  readonly #cutter = new MessageCutter()
  /** A stream's messages have few different headers: the last ones, and the event that they name. */
  #headers: Buffer | undefined
  #event = ''
  #failure: unknown

  push(chunk: Buffer, out: Frame[]): void {
    if (this.#failure !== undefined) throw this.#failure
    const whole = this.#cutter.push(chunk)
    if (whole === undefined) return
    const before = out.length
    try {
      for (let at = 0; at < whole.length;) at = this.#read(whole, at, out)
    } catch (error) {
      if (out.length === before) throw error
      this.#failure = error // what came before is good
    }
  }

  end(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#cutter.end() !== undefined) throw broken('and broke it off')
  }

  /** Reads the message that starts at `at`. @returns where it ends */
  #read(bytes: Buffer, at: number, out: Frame[]): number {
    const checksumAt = at + bytes.readUInt32BE(at) - (OVERHEAD - PRELUDE)
    const headersAt = at + PRELUDE
    const payloadAt = headersAt + bytes.readUInt32BE(at + 4)
    if (crc32(bytes.subarray(at, checksumAt)) !== bytes.readUInt32BE(checksumAt)) throw broken('with a wrong checksum')
    if (this.#headers?.compare(bytes, headersAt, payloadAt) !== 0) {
      const headers = bytes.subarray(headersAt, payloadAt)
      const texts = readHeaders(headers)
      if (texts.get(':message-type') === 'error') {
        out.push(errorFrame(texts))
        return checksumAt + 4
      }
      this.#event = eventOf(texts)
      this.#headers = Buffer.from(headers)
    }
    out.push({ event: this.#event, data: bytes.toString('utf8', payloadAt, checksumAt) })
    return checksumAt + 4
  }
}

function eventOf(headers: ReadonlyMap<string, string>): string {
  const isException = headers.get(':message-type') === 'exception'
  return isException ? EXCEPTION + (headers.get(':exception-type') ?? '') : (headers.get(':event-type') ?? '')
}

/** An error says all in its headers: in a frame, as if it were an exception. */
function errorFrame(headers: ReadonlyMap<string, string>): Frame {
  const message = headers.get(':error-message') ?? ''
  return { event: EXCEPTION + (headers.get(':error-code') ?? ''), data: JSON.stringify({ message }) }
}
