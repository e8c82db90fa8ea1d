/** What a dialect must do with streams that it reads and writes. Part of `testDialect`. */
import assert from 'node:assert/strict'
import type { StreamPart } from '../model.ts'
import { byteByByte, framesOf, read, REPLY_CONTEXT, replyContext, survives, write } from './dialect-subject.ts'
import type { DialectSubject } from './dialect-subject.ts'
import { gistOfStream } from './gist.ts'
import { pieces } from './pieces.ts'
import type { RecordedCase } from './recorded.ts'
import { SAMPLE_STREAMS } from './samples.ts'

/** Bytes between two cuts of one reading: shorter streams are cut once, longer ones read as often but not more. */
const STRIDE = 512

type Subject = Pick<DialectSubject, 'test' | 'codec'>

export function testStreams({ test, codec, cases }: DialectSubject): void {
  for (const recorded of cases) {
    const { stream, status, meta } = recorded
    if (stream === undefined || status >= 400) continue
    if (meta.group === 'error') testFailedStream({ test, codec }, recorded.name, stream)
    else testWholeStream({ test, codec }, recorded, stream)
  }

  for (const [name, sample] of Object.entries(SAMPLE_STREAMS)) {
    test(`the sample stream "${name}" is carried`, () => {
      const { parts, whole } = read(codec, write(codec, sample, REPLY_CONTEXT))
      assert.equal(whole, true)
      assert.deepEqual(gistOfStream(parts), gistOfStream(sample))
    })
  }

  test('a stream of nothing is not whole', () => assert.equal(read(codec).whole, false))
}

function testWholeStream({ test, codec }: Subject, recorded: RecordedCase, stream: Buffer): void {
  const { name } = recorded

  test(`${name}: every cut position of the stream gives the same parts`, () => {
    const { parts } = read(codec, stream)
    const expected = JSON.stringify(parts)
    for (let offset = 1; offset <= Math.min(STRIDE, stream.length - 1); offset++) {
      const cuts = Array.from({ length: Math.ceil(stream.length / STRIDE) }, (_, index) => offset + index * STRIDE)
      const found = read(codec, ...pieces(stream, cuts))
      if (JSON.stringify(found.parts) !== expected) assert.deepEqual(found.parts, parts, `cut at ${cuts.join(', ')}`)
    }
    assert.deepEqual(read(codec, ...byteByByte(stream)).parts, parts)
  })

  test(`${name}: the stream is whole, and not when it is cut before its finish`, () => {
    assert.equal(read(codec, stream).whole, true)
    const frames = framesOf(codec, stream)
    const said = partsByFrame(codec, frames)
    for (let kept = 0; kept < frames.length; kept++) {
      if (isFinished(said.slice(0, kept).flat())) break
      const cut = read(codec, ...frames.slice(0, kept))
      const lost = said.slice(kept).flat().some(isContent)
      if (lost || !isFinished(cut.parts)) assert.equal(cut.whole, false, `cut after ${kept} of ${frames.length} frames`)
    }
  })

  test(`${name}: the parts of the stream write and read as what they were`, () => {
    const { parts } = read(codec, stream)
    const again = read(codec, write(codec, parts, replyContext(codec, recorded)))
    assert.deepEqual(again.parts, parts)
    assert.equal(again.whole, true)
  })
}

function testFailedStream({ test, codec }: Subject, name: string, stream: Buffer): void {
  test(`${name}: the failed stream is an error, not an answer`, () => {
    let failed = false
    const thrown = survives(name, () => {
      failed = read(codec, stream).parts.some((part) => part.type === 'error')
    })
    assert.ok(failed || thrown)
  })
}

/** What each frame made the reader say, without what it held back to the end. */
function partsByFrame(codec: Subject['codec'], frames: readonly Buffer[]): StreamPart[][] {
  const reader = codec.stream.reader()
  return frames.map((frame) => {
    const out: StreamPart[] = []
    reader.push(frame, out)
    return out
  })
}

function isContent({ type }: StreamPart): boolean {
  return type.endsWith('-delta') || type === 'tool-call-start'
}

/** Whether every choice that began has finished, and one did. */
function isFinished(parts: readonly StreamPart[]): boolean {
  const open = new Map<number, boolean>()
  for (const part of parts) {
    const choice = 'choice' in part ? (part.choice ?? 0) : 0
    if (part.type === 'finish') open.set(choice, false)
    else if (isContent(part) && !open.has(choice)) open.set(choice, true)
  }
  return open.size > 0 && ![...open.values()].includes(true)
}
