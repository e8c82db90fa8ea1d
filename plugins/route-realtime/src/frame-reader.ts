/** The frames that a WebSocket's upstream side sends (RFC 6455, section 5.2), told as their bytes come: none is held. */

export interface FrameVisitor {
  /** @param readable whether the payload is as it was meant: neither masked nor changed by an extension */
  onFrame(opcode: number, readable: boolean): void
  onPayload(piece: Buffer): void
  /** @param final whether the message ends with this frame */
  onFrameEnd(opcode: number, final: boolean): void
}

/** Bytes of the longest head. */
const LONGEST = 14

export class FrameReader {
  readonly #visitor: FrameVisitor
  readonly #head = Buffer.alloc(LONGEST)
  /** Bytes of a head that have come; 0 while there is a payload. */
  #headBytes = 0
  /** Bytes of the payload that are still to come. */
  #left = 0
  /** A frame without end: nothing after it can be read. */
  #lost = false

  constructor(visitor: FrameVisitor) {
    this.#visitor = visitor
  }

  /** Whether another frame could stand here. */
  get isBetween(): boolean {
    return this.#headBytes === 0 && this.#left === 0 && !this.#lost
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#lost;) {
      at += this.#left > 0 ? this.#readPayload(chunk, at) : this.#readHead(chunk, at)
    }
  }

  /** @returns how many bytes were read, as the next one */
  #readPayload(chunk: Buffer, at: number): number {
    const piece = chunk.subarray(at, at + this.#left)
    this.#left -= piece.length
    this.#visitor.onPayload(piece)
    if (this.#left === 0) this.#endFrame()
    return piece.length
  }

  #readHead(chunk: Buffer, at: number): number {
    const head = this.#head
    const copied = chunk.copy(head, this.#headBytes, at, at + headLength(head, this.#headBytes) - this.#headBytes)
    this.#headBytes += copied
    if (this.#headBytes === headLength(head, this.#headBytes)) this.#beginFrame()
    return copied
  }

  #beginFrame(): void {
    const [first = 0, second = 0] = this.#head
    this.#headBytes = 0
    this.#left = payloadLength(this.#head)
    this.#lost = !Number.isSafeInteger(this.#left)
    this.#visitor.onFrame(first & 0x0f, (first & 0x70) === 0 && (second & 0x80) === 0)
    if (this.#left === 0) this.#endFrame()
  }

  #endFrame(): void {
    const [first = 0] = this.#head
    this.#visitor.onFrameEnd(first & 0x0f, (first & 0x80) !== 0)
  }
}

/** Bytes of a head, as far as the first `known` of them tell. */
function headLength(head: Buffer, known: number): number {
  if (known < 2) return 2
  const length = head[1]! & 0x7f
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (head[1]! & 0x80 ? 4 : 0)
}

function payloadLength(head: Buffer): number {
  const length = head[1]! & 0x7f
  if (length < 126) return length
  return length === 126 ? head.readUInt16BE(2) : head.readUInt32BE(2) * 2 ** 32 + head.readUInt32BE(6)
}
