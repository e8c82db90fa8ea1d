import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameReader } from '../src/frame-reader.ts'
import { cut, frame } from './support/frames.ts'
import type { FrameOptions } from './support/frames.ts'

type Seen = { opcode: number; readable: boolean; final?: boolean; payload: Buffer }

/** What a reader tells of these pieces, and whether a frame could follow each. */
function read(pieces: readonly Buffer[]): { frames: Seen[]; between: boolean[] } {
  const frames: Seen[] = []
  const reader = new FrameReader({
    onFrame: (opcode, readable) => void frames.push({ opcode, readable, payload: Buffer.alloc(0) }),
    onPayload(piece) {
      const last = frames.at(-1)!
      last.payload = Buffer.concat([last.payload, piece])
    },
    onFrameEnd: (_opcode, final) => Object.assign(frames.at(-1)!, { final }),
  })
  const between = pieces.map((piece) => {
    reader.push(piece)
    return reader.isBetween
  })
  return { frames, between }
}

const options = fc.record<Required<FrameOptions>>({
  opcode: fc.integer({ min: 0, max: 15 }),
  final: fc.boolean(),
  reserved: fc.integer({ min: 0, max: 7 }),
  masked: fc.boolean(),
  wide: fc.constantFrom(2, 8),
})
const anyFrame = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.option(options, { nil: undefined }))

describe('frames', () => {
  test('are told wherever their bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 8 }), fc.array(fc.nat(2500)), (given, at) => {
        const frames = given.map(([payload, how]) => frame(Buffer.from(payload), how))
        const { frames: seen } = read(cut(Buffer.concat(frames), at))
        const expected = given.map(([payload, { opcode = 1, final = true, reserved = 0, masked = false } = {}]) => ({
          opcode,
          final,
          readable: reserved === 0 && !masked,
          payload: Buffer.from(payload.map((byte) => (masked ? byte ^ 0x5a : byte))),
        }))
        expect(seen).toEqual(expected)
      }),
    )
  })

  test('may be followed by others only where they end', () => {
    const frames = [frame('one'), frame('', { opcode: 9 }), frame('x'.repeat(200)), frame('y', { wide: 8 })]
    const bytes = Buffer.concat(frames)
    const ends = frames.map((_, index) => Buffer.concat(frames.slice(0, index + 1)).length)
    const { between } = read(cut(bytes, [...bytes.keys()]))
    expect(between.flatMap((is, index) => (is ? [index + 1] : []))).toEqual(ends)
  })

  test.each([0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])('of %i bytes', (size) => {
    const { frames } = read([frame(Buffer.alloc(size, 7), { opcode: 2 })])
    expect(frames).toMatchObject([{ opcode: 2, final: true, readable: true }])
    expect(frames[0]!.payload.length).toBe(size)
  })

  test('that say they are longer than a number can be have no end, and nothing is read after them', () => {
    const head = Buffer.concat([Buffer.from([0x81, 127]), Buffer.alloc(8, 0xff)])
    const { frames, between } = read([head, Buffer.alloc(1000), frame('hi')])
    expect(frames).toHaveLength(1)
    expect(between).toEqual([false, false, false])
  })

  test('that are longer than anything that will come are counted, not held', () => {
    const head = Buffer.concat([Buffer.from([0x82, 127]), Buffer.from([0, 0x10, 0, 0, 0, 0, 0, 0])])
    let told = 0
    const visitor = { onFrame: () => undefined, onPayload: ({ length }: Buffer) => void (told += length) }
    const reader = new FrameReader({ ...visitor, onFrameEnd: () => expect.unreachable() })
    reader.push(head)
    for (let piece = 0; piece < 1000; piece++) reader.push(Buffer.alloc(100))
    expect([told, reader.isBetween]).toEqual([100_000, false])
  })

  test('of any bytes at all do no harm', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)))
    fc.assert(fc.property(pieces, (bytes) => read(bytes).between.length === bytes.length))
  })
})
