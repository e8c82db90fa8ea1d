/** Frames as a WebSocket's upstream side writes them, well and badly (RFC 6455, section 5.2). */

export interface FrameOptions {
  opcode?: number
  final?: boolean
  /** Bits of extensions, as a number of 0 to 7. */
  reserved?: number
  masked?: boolean
  /** Bytes of the length in place of as few as needed: 2 or 8. */
  wide?: 2 | 8
}

export function frame(payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { opcode = 1, final = true, reserved = 0, masked = false, wide } = options
  const body = Buffer.from(payload as string)
  const size = wide ?? (body.length < 126 ? 0 : body.length < 2 ** 16 ? 2 : 8)
  const length = Buffer.alloc(size)
  if (size === 2) length.writeUInt16BE(body.length)
  if (size === 8) length.writeBigUInt64BE(BigInt(body.length))
  const first = (final ? 0x80 : 0) | (reserved << 4) | opcode
  const second = (masked ? 0x80 : 0) | (size === 0 ? body.length : size === 2 ? 126 : 127)
  const mask = Buffer.alloc(masked ? 4 : 0, 0x5a)
  const shown = masked ? body.map((byte) => byte ^ 0x5a) : body
  return Buffer.concat([Buffer.from([first, second]), length, mask, shown])
}

/** A message in fragments of these texts, with `between` after each but the last one. */
export function fragments(texts: readonly string[], between: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat(
    texts.flatMap((text, index) => {
      const final = index === texts.length - 1
      const piece = frame(text, { opcode: index === 0 ? 1 : 0, final })
      return final ? [piece] : [piece, between]
    }),
  )
}

/** `bytes` in pieces that end at these positions. */
export function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...new Set([...at, bytes.length])].filter((end) => end > 0 && end <= bytes.length).sort((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

export const CLOSE = frame(Buffer.from([0x03, 0xe8]), { opcode: 8 })
