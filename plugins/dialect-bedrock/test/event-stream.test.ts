import type { Frame } from '@sluice/dialect-kit'
import { survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { createRequire } from 'node:module'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { MessageCutter } from '../src/event-stream/cutter.ts'
import { eventStream, eventWriter, exceptionWriter } from '../src/event-stream/index.ts'
import { MESSAGE_LIMIT, OVERHEAD } from '../src/event-stream/message.ts'

const wrong: unknown = expect.objectContaining({ code: 'upstream_error' })

function read(...pieces: readonly Buffer[]): Frame[] {
  const reader = eventStream.reader()
  const frames: Frame[] = []
  for (const piece of pieces) reader.push(piece, frames)
  reader.end(frames)
  return frames
}

/** A message with right checksums around whatever headers and payload, and with the lengths given. */
function message(
  headers: Buffer,
  payload: string,
  total = OVERHEAD + headers.length + payload.length,
  headerLength = headers.length,
) {
  const prelude = Buffer.alloc(12)
  prelude.writeUInt32BE(total, 0)
  prelude.writeUInt32BE(headerLength, 4)
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
  const start = Buffer.concat([prelude, headers, Buffer.from(payload)])
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(start))
  return Buffer.concat([start, checksum])
}

/** One header with a value of any type. */
function header(name: string, type: number, ...value: readonly number[]): Buffer {
  return Buffer.from([name.length, ...Buffer.from(name), type, ...value])
}

const text = (name: string, value: string) =>
  header(name, 7, value.length >> 8, value.length & 255, ...Buffer.from(value))

describe('messages', () => {
  test('are those of the format’s published examples', () => {
    const hex = (bytes: Buffer) => bytes.toString('hex')
    expect(hex(message(Buffer.alloc(0), ''))).toBe('000000100000000005c248eb7d98c8ff')
    expect(hex(message(Buffer.alloc(0), "{'foo':'bar'}"))).toBe(
      '0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936',
    )
    const int32 = header('event-type', 4, 0, 0, 0xa0, 0x0c)
    expect(hex(message(int32, "{'foo':'bar'}"))).toBe(
      '0000002d0000001041c424b80a6576656e742d74797065040000a00c7b27666f6f273a27626172277d36f480a0',
    )
  })

  test('name their event or their exception', () => {
    const frames = read(
      eventWriter('messageStart')('{"role":"assistant"}'),
      exceptionWriter('throttlingException')('{"message":"Grüße"}'),
    )
    expect(frames).toEqual([
      { event: 'messageStart', data: '{"role":"assistant"}' },
      { event: 'exception:throttlingException', data: '{"message":"Grüße"}' },
    ])
  })

  test('may be an error, which says all in its headers', () => {
    const headers = Buffer.concat([
      text(':message-type', 'error'),
      text(':error-code', 'InternalError'),
      text(':error-message', 'An "internal" error'),
    ])
    expect(read(message(headers, ''), eventWriter('messageStop')('{}'))).toEqual([
      { event: 'exception:InternalError', data: '{"message":"An \\"internal\\" error"}' },
      { event: 'messageStop', data: '{}' },
    ])
  })

  test('may have headers of every type, of which only texts count', () => {
    const headers = Buffer.concat([
      header('a', 0),
      header('b', 1),
      header('c', 2, 1),
      header('d', 3, 1, 2),
      header('e', 4, 1, 2, 3, 4),
      header('f', 5, 1, 2, 3, 4, 5, 6, 7, 8),
      header('g', 6, 0, 3, 1, 2, 3),
      header('h', 8, 1, 2, 3, 4, 5, 6, 7, 8),
      header('i', 9, ...Array.from({ length: 16 }, () => 0)),
      text(':event-type', 'metadata'),
    ])
    expect(read(message(headers, '{}'))).toEqual([{ event: 'metadata', data: '{}' }])
  })

  const codec = createRequire(new URL('../../../test/package.json', import.meta.url))
  test('are the same to AWS’s own codec', () => {
    const smithy = createRequire(codec.resolve('@aws-sdk/client-bedrock-runtime'))
    const { EventStreamCodec } = smithy('@smithy/core/event-streams') as {
      EventStreamCodec: new (
        toUtf8: (bytes: Uint8Array) => string,
        fromUtf8: (text: string) => Uint8Array,
      ) => {
        decode(bytes: Uint8Array): { headers: object; body: Uint8Array }
        encode(message: { headers: object; body: Uint8Array }): Uint8Array
      }
    }
    const theirs = new EventStreamCodec(
      (bytes) => Buffer.from(bytes).toString(),
      (text) => Buffer.from(text),
    )
    const headers = {
      ':event-type': { type: 'string', value: 'contentBlockDelta' },
      ':content-type': { type: 'string', value: 'application/json' },
      ':message-type': { type: 'string', value: 'event' },
    }
    fc.assert(
      fc.property(fc.json(), (json) => {
        const ours = eventWriter('contentBlockDelta')(json)
        const decoded = theirs.decode(ours)
        expect([decoded.headers, Buffer.from(decoded.body).toString()]).toEqual([headers, json])
        expect(Buffer.from(theirs.encode({ headers, body: Buffer.from(json) })).equals(ours)).toBe(true)
      }),
    )
  })
})

const bytes = fc.array(fc.tuple(fc.constantFrom('messageStart', 'contentBlockDelta', 'metadata'), fc.json()), {
  maxLength: 8,
})

describe('wherever the network cuts it', () => {
  test('a stream is the same frames', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(400), { maxLength: 20 }), (events, cuts) => {
        const stream = Buffer.concat(events.map(([type, json]) => eventWriter(type)(json)))
        const ends = [...new Set([0, ...cuts, stream.length])].filter((at) => at <= stream.length).sort((a, b) => a - b)
        const pieces = ends.slice(1).map((end, index) => stream.subarray(ends[index], end))
        const frames = events.map(([event, data]) => ({ event, data }))
        expect(read(...pieces)).toEqual(frames)
        const cutter = eventStream.cutter()
        const whole = pieces.flatMap((piece) => cutter.push(piece) ?? [])
        expect([Buffer.concat(whole).equals(stream), cutter.end()]).toEqual([true, undefined])
        for (const part of whole) expect(read(part).length).toBeGreaterThan(0)
      }),
    )
  })

  test('a message that is broken off is told from a whole one', () => {
    const stream = Buffer.concat([eventWriter('messageStart')('{}'), eventWriter('messageStop')('{}')])
    const first = eventStream.firstEnd(stream)
    for (let length = 1; length < stream.length; length++) {
      if (length === first) continue
      expect(() => read(stream.subarray(0, length))).toThrow(wrong)
    }
    expect(read(stream.subarray(0, first))).toHaveLength(1)
  })

  test('frames are found from both ends', () => {
    const frames = ['{}', '{"a":1}', '{"bc":23}'].map(eventWriter('metadata'))
    const stream = Buffer.concat(frames)
    const starts = [0, frames[0]!.length, frames[0]!.length + frames[1]!.length]
    for (let at = -3; at < stream.length; at++)
      expect(eventStream.startBefore(stream, at)).toBe(starts.findLast((start) => start <= at) ?? 0)
    expect(eventStream.firstEnd(stream)).toBe(starts[1])
    expect(eventStream.firstEnd(stream.subarray(0, 20))).toBe(20)
    expect([eventStream.firstEnd(Buffer.alloc(40)), eventStream.startBefore(Buffer.alloc(40), 39)]).toEqual([40, 0])
  })
})

describe('what is no message', () => {
  const good = eventWriter('contentBlockDelta')('{"delta":{"text":"Hi"}}')

  test('is found by its checksums, whatever byte is wrong', () => {
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good)
      bad[at]! ^= 0x10
      expect(() => read(bad)).toThrow(wrong)
    }
  })

  test('does not take away what came before it in the same chunk', () => {
    const bad = Buffer.from(good)
    for (const at of [0, good.length - 1]) {
      bad[at]! ^= 1
      const reader = eventStream.reader()
      const frames: Frame[] = []
      reader.push(Buffer.concat([good, bad]), frames)
      expect(frames).toHaveLength(1)
      expect(() => reader.end(frames)).toThrow(wrong)
      expect(() => reader.push(good, frames)).toThrow(wrong)
      bad[at]! ^= 1
    }
  })

  test.each([
    ['shorter than any message', message(Buffer.alloc(0), '', 15)],
    ['of no length', message(Buffer.alloc(0), '', 0)],
    ['larger than allowed', message(Buffer.alloc(0), '', MESSAGE_LIMIT + 1)],
    ['of the largest length there is', message(Buffer.alloc(0), '', 0xffffffff)],
    ['with headers longer than itself', message(Buffer.alloc(0), '', 16, 1)],
    ['with too many headers', message(Buffer.alloc(0), '', 200_000, 150_000)],
    ['with a header of an unknown type', message(header('a', 10), '')],
    ['with a header longer than the headers', message(header('a', 7, 0, 9, 65), '')],
    ['with a header that has no type', message(Buffer.from([1, 65]), '')],
    ['with a header that has no length', message(header('a', 7, 0), '')],
  ])('is refused: %s', (_, stream) => {
    expect(() => read(stream)).toThrow(wrong)
  })

  test('throws nothing else, whatever it is', () => {
    const noise = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))
    const headers = noise.map((some) => message(some, '{}'))
    fc.assert(
      fc.property(fc.array(fc.oneof(noise, headers, fc.constant(good)), { maxLength: 5 }), (pieces) => {
        survives(() => read(...pieces), 'upstream_error')
      }),
    )
  })

  test('takes no more memory than the largest message, in however small pieces it comes', () => {
    const cutter = new MessageCutter()
    const huge = message(Buffer.alloc(0), '', MESSAGE_LIMIT).subarray(0, 12)
    expect(cutter.push(huge)).toBeUndefined()
    const piece = Buffer.alloc(1000)
    const before = process.memoryUsage().arrayBuffers
    for (let sent = 12; sent + 1000 < MESSAGE_LIMIT; sent += 1000) expect(cutter.push(piece)).toBeUndefined()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * MESSAGE_LIMIT)
    expect(cutter.push(Buffer.alloc(1000))?.length ?? cutter.end()!.length).toBeGreaterThan(MESSAGE_LIMIT - 2000)
  })
})
