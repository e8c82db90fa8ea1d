import { property } from './property.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SseReader } from '../src/index.ts'
import type { Frame } from '../src/index.ts'
import { eventStream, pieces } from './streams.ts'

function read(chunks: readonly (Buffer | string)[], limit?: number): Frame[] {
  const reader = new SseReader(limit)
  const frames: Frame[] = []
  for (const chunk of chunks) reader.push(Buffer.from(chunk), frames)
  reader.end(frames)
  return frames
}
const unnamed = (...data: string[]): Frame[] => data.map((each) => ({ event: '', data: each }))

describe('an event stream is read as the specification says', () => {
  const cases: [what: string, stream: string, frames: Frame[]][] = [
    ['LF', 'data: a\n\ndata: b\n\n', unnamed('a', 'b')],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', unnamed('a', 'b')],
    ['CR', 'data: a\r\rdata: b\r\r', unnamed('a', 'b')],
    ['mixed line ends', 'data: a\r\n\ndata: b\n\rdata: c\r\r\ndata: d\n\n', unnamed('a', 'b', 'c', 'd')],
    ['a comment', ': hello\ndata: a\n:\n\n: data: b\n\n', unnamed('a')],
    ['data on several lines', 'data: a\ndata:\ndata: b\n\n', unnamed('a\n\nb')],
    ['a byte order mark', '\uFEFFdata: a\n\n', unnamed('a')],
    ['a byte order mark that is not the first character', 'data: a\n\n\uFEFFdata: b\n\n', unnamed('a')],
    ['no space after the colon', 'data:a\n\n', unnamed('a')],
    ['two spaces after the colon', 'data:  a\n\n', unnamed(' a')],
    ['a tab after the colon', 'data:\ta\n\n', unnamed('\ta')],
    ['colons in the data', 'data: {"a":"b: c"}\n\n', unnamed('{"a":"b: c"}')],
    ['a field without a colon', 'data\n\n', unnamed('')],
    ['empty data', 'data:\n\n', unnamed('')],
    ['an event name', 'event: delta\ndata: a\n\ndata: b\n\n', [{ event: 'delta', data: 'a' }, ...unnamed('b')]],
    ['an event name after the data', 'data: a\nevent: delta\n\n', [{ event: 'delta', data: 'a' }]],
    ['the last of several event names', 'event: x\nevent: y\ndata: a\n\n', [{ event: 'y', data: 'a' }]],
    ['an event without data', 'event: delta\n\ndata: a\n\n', unnamed('a')],
    ['id and retry', 'id: 7\nretry: 10\ndata: a\n\n', unnamed('a')],
    ['an unknown field', 'datum: x\nDATA: y\n data: z\ndata: a\n\n', unnamed('a')],
    ['many blank lines', '\n\n\ndata: a\n\n\n\n', unnamed('a')],
    ['no blank line at the end', 'data: a\n\ndata: b\n', unnamed('a', 'b')],
    ['no line end at the end', 'data: a\n\ndata: b', unnamed('a', 'b')],
    ['a CR at the very end', 'data: a\r', unnamed('a')],
    ['nothing', '', []],
  ]
  test.each(cases)('%s', (_what, stream, frames) => {
    expect(read([stream])).toEqual(frames)
  })

  test.each(cases)('%s, a byte at a time', (_what, stream, frames) => {
    expect(read(Array.from(Buffer.from(stream), (byte) => Buffer.of(byte)))).toEqual(frames)
  })
})

test('frames come as soon as their blank line does', () => {
  const reader = new SseReader()
  const frames: Frame[] = []
  reader.push(Buffer.from('data: a\n'), frames)
  expect(frames).toEqual([])
  reader.push(Buffer.from('\ndata: b'), frames)
  expect(frames).toEqual(unnamed('a'))
})

test('a character may be cut at each of its bytes', () => {
  const bytes = Buffer.from('data: ä€😀\n\n')
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(unnamed('ä€😀'))
  }
})

property(
  'wherever a stream is cut, its frames are the same',
  fc.tuple(eventStream, fc.infiniteStream(fc.nat(9))),
  ([stream, sizes]) => {
    expect(read(pieces(Buffer.from(stream), sizes))).toEqual(read([stream]))
  },
)

describe("what is too large is the upstream's error", () => {
  const cases: [what: string, chunks: string[]][] = [
    ['a line that does not end', ['data: ', 'x'.repeat(60), 'x'.repeat(60)]],
    ['a line in one piece', [`data: ${'x'.repeat(101)}\n`]],
    ['data on many lines', Array.from({ length: 30 }, () => 'data: xxxx\n')],
    ['a comment that does not end', [`:${'x'.repeat(100)}`]],
  ]
  test.each(cases)('%s', (_what, chunks) => {
    expect(() => read(chunks, 100)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('many small events are not', () => {
    expect(read([`data: ${'x'.repeat(90)}\n\n`.repeat(50)], 100)).toHaveLength(50)
  })
})
