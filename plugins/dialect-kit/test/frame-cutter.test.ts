import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstEnd, FrameCutter, SseReader, sseFrame, startBefore } from '../src/index.ts'
import type { Frame } from '../src/index.ts'
import { property } from './property.ts'
import { eventStream, pieces } from './streams.ts'

const text = (bytes: Buffer | undefined): string | undefined => bytes?.toString()

test('only whole frames go out', () => {
  const cutter = new FrameCutter()
  expect(text(cutter.push(Buffer.from('data: a\n')))).toBeUndefined()
  expect(text(cutter.push(Buffer.from('\ndata: b\n\ndata')))).toBe('data: a\n\ndata: b\n\n')
  expect(text(cutter.push(Buffer.from(': c\r\n\r\n')))).toBe('data: c\r\n\r\n')
  expect(cutter.end()).toBeUndefined()
})

test('a chunk of whole frames is not copied', () => {
  const chunk = Buffer.from('data: a\n\ndata: b\n\n')
  expect(new FrameCutter().push(chunk)).toBe(chunk)
})

test('a stream that ended well also gives what no blank line followed', () => {
  const cutter = new FrameCutter()
  cutter.push(Buffer.from('data: a\n\ndata: b'))
  expect(text(cutter.end())).toBe('data: b')
})

test.each(['\n\n', '\r\n\r\n', '\r\r', '\n\r\n', '\r\n\n'])('a blank line %j is found wherever it is cut', (end) => {
  const bytes = Buffer.from(`data: a${end}data: b`)
  for (let cut = 1; cut < bytes.length; cut++) {
    const cutter = new FrameCutter()
    const out = [cutter.push(bytes.subarray(0, cut)), cutter.push(bytes.subarray(cut)), cutter.end()]
    expect(out.map((piece) => text(piece) ?? '').join('')).toBe(bytes.toString())
    expect(text(cutter.end())?.replaceAll(/[\r\n]/g, '')).toBe('data: b')
  }
})

property(
  'what is cut is the stream, in pieces that each end with a frame',
  fc.tuple(eventStream, fc.infiniteStream(fc.nat(9))),
  ([stream, sizes]) => {
    const cutter = new FrameCutter()
    const out = pieces(Buffer.from(stream), sizes).flatMap((chunk) => cutter.push(chunk) ?? [])
    for (const piece of out) if (piece.length > 0) expect(piece.toString()).toMatch(/(\r\n|\r|\n)(\r\n|\r|\n)$/)
    expect(Buffer.concat([...out, cutter.end() ?? Buffer.alloc(0)]).toString()).toBe(stream)
  },
)

property(
  'a client of the pieces alone sees no event that the stream does not have',
  fc.tuple(eventStream, fc.infiniteStream(fc.nat(9))),
  ([stream, sizes]) => {
    const cutter = new FrameCutter()
    const out = pieces(Buffer.from(stream), sizes).flatMap((chunk) => cutter.push(chunk) ?? [])
    const [whole, forwarded]: [Frame[], Frame[]] = [[], []]
    const reader = new SseReader()
    reader.push(Buffer.from(stream), whole)
    reader.end(whole)
    const client = new SseReader()
    for (const piece of out) client.push(piece, forwarded)
    expect(forwarded).toEqual(whole.slice(0, forwarded.length))
    const before = forwarded.length
    client.end(forwarded)
    expect(forwarded).toHaveLength(before)
  },
)

test("a frame that does not end is the upstream's error", () => {
  const cutter = new FrameCutter(100)
  const tooLarge = expect.objectContaining({ code: 'upstream_error' })
  expect(() => Array.from({ length: 3 }, () => cutter.push(Buffer.alloc(50, 'x')))).toThrow(tooLarge)
  expect(() => new FrameCutter(100).push(Buffer.alloc(101, 'x'))).toThrow(tooLarge)
})

describe.each([
  ['LF', '\n\n'],
  ['CRLF', '\r\n\r\n'],
  ['CR', '\r\r'],
])('frames that end with %s', (_name, end) => {
  const frames = ['data: a', 'data: bc', 'data: d'].map((frame) => frame + end)
  const bytes = Buffer.from(frames.join(''))
  const starts = [0, frames[0]!.length, frames[0]!.length + frames[1]!.length]

  test('the first end is behind the first blank line', () => {
    expect(firstEnd(bytes)).toBe(starts[1])
  })

  test('a frame starts where the last one before ended', () => {
    for (let at = -3; at < bytes.length; at++) {
      expect(startBefore(bytes, at), `at ${at}`).toBe(starts.findLast((start) => start <= at) ?? 0)
    }
  })
})

test('bytes without a blank line are one frame', () => {
  expect([firstEnd(Buffer.from('data: a\n')), startBefore(Buffer.from('data: a\n'), 8)]).toEqual([8, 0])
})

test('the first end is that of the first blank line of whatever kind', () => {
  expect(firstEnd(Buffer.from('data: a\r\n\r\ndata: b\n\n'))).toBe(11)
})

property(
  'a written frame reads as what was written',
  fc.tuple(fc.json(), fc.constantFrom(undefined, 'delta')),
  ([data, event]) => {
    const frames: Frame[] = []
    new SseReader().push(Buffer.from(sseFrame(data, event)), frames)
    expect(frames).toEqual([{ event: event ?? '', data }])
  },
)
