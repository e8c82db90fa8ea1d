/** Finds in what the upstream says how much a session has used, and when it is over. */
import type { Frames, GatewayError, SocketReader, StreamPart } from '@sluice/core'
import { objectOf, tryParse } from '@sluice/dialect-kit'
import { closeFrame } from './close-frame.ts'
import { FrameReader } from './frame-reader.ts'
import type { FrameVisitor } from './frame-reader.ts'
import { SessionUsage } from './session-usage.ts'

/** Opcodes (RFC 6455, section 11.8). */
const CONTINUATION = 0
const TEXT = 1
const CLOSE = 8

/** The type of an event stands within its first bytes; so many of each message are looked at. */
const BEGINNING = 256
/** Bytes of the largest event that is read. They hold texts; sound comes in others. */
const LIMIT = 4 * 1024 * 1024

/** Events that tell usage, and where in them it stands. */
const RESPONSE = 'response.done'
const TRANSCRIPT = 'conversation.item.input_audio_transcription.completed'

export class SessionReader implements SocketReader, FrameVisitor {
  readonly share = 1
  isOver = false
  readonly #frames = new FrameReader(this)
  readonly #usage = new SessionUsage()
  readonly #wanted: string
  /** The beginning of a message, and if it is a wanted one, all of it. */
  #message = Buffer.allocUnsafe(BEGINNING)
  #size = 0
  /** Whether the message under way is to be read; undefined until its beginning is there. */
  #reads: boolean | undefined = false
  #isControl = false
  #isCounted = false

  /** @param isTranscription whether the session does nothing but transcribe: it then counts what it transcribed */
  constructor(isTranscription: boolean) {
    this.#wanted = isTranscription ? TRANSCRIPT : RESPONSE
  }

  push(chunk: Buffer, out: StreamPart[]): void {
    this.#frames.push(chunk)
    if (!this.#isCounted) return
    this.#isCounted = false
    out.push({ type: 'usage', usage: this.#usage.total() })
  }

  end(): boolean {
    return this.isOver
  }

  farewell(error: GatewayError): Frames | undefined {
    return this.#frames.isBetween ? closeFrame(error) : undefined
  }

  onFrame(opcode: number, readable: boolean): void {
    this.#isControl = opcode >= CLOSE
    if (this.#isControl || (opcode === CONTINUATION && readable)) return
    this.#size = 0
    this.#reads = opcode === TEXT && readable ? undefined : false
  }

  onPayload(piece: Buffer): void {
    if (this.#isControl || this.#reads === false) return
    let from = 0
    if (this.#reads === undefined) {
      from = piece.copy(this.#message, this.#size)
      this.#size += from
      if (this.#size < BEGINNING) return
      this.#judge()
      if (!this.#reads) return
    }
    this.#append(piece.subarray(from))
  }

  onFrameEnd(opcode: number, final: boolean): void {
    if (opcode === CLOSE) this.isOver = true
    if (this.#isControl || !final) return
    if (this.#reads === undefined) this.#judge()
    if (this.#reads) this.#count()
    this.#reads = false
    if (this.#message.length > BEGINNING) this.#message = Buffer.allocUnsafe(BEGINNING)
  }

  #judge(): void {
    this.#reads = this.#message.subarray(0, this.#size).includes(`"${this.#wanted}"`)
  }

  #append(piece: Buffer): void {
    const size = this.#size + piece.length
    if (size > LIMIT) this.#reads = false
    else {
      if (size > this.#message.length) this.#grow(Math.min(LIMIT, 2 * size))
      piece.copy(this.#message, this.#size)
      this.#size = size
    }
  }

  #grow(size: number): void {
    const grown = Buffer.allocUnsafe(size)
    this.#message.copy(grown, 0, 0, this.#size)
    this.#message = grown
  }

  #count(): void {
    const event = objectOf(tryParse(this.#message.toString('utf8', 0, this.#size)))
    if (event?.type !== this.#wanted) return
    const usage = objectOf((objectOf(event.response) ?? event).usage)
    if (!usage) return
    this.#usage.add(usage)
    this.#isCounted = true
  }
}
