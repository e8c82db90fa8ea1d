/** What a dialect must survive in streams. Part of `testDialect`. */
import assert from 'node:assert/strict'
import type { Codec } from '../dialect.ts'
import type { JsonObject, StreamPart } from '../model.ts'
import { framesOf, read, REPLY_CONTEXT, survives, write } from './dialect-subject.ts'
import type { DialectSubject } from './dialect-subject.ts'
import { isObject, tryParse } from './json.ts'
import { mutations, shapeOf } from './mutations.ts'
import { SAMPLE_STREAMS } from './samples.ts'

/** In place of a frame's JSON. */
const GARBAGE_TEXTS = ['', 'null', '1', '"x"', '[]', '{}', '{"', '<html>', '\0', '['.repeat(5000) + ']'.repeat(5000)]

export function testGarbage({ test, codec, cases }: DialectSubject): void {
  for (const { name, stream, status } of cases) {
    if (stream === undefined || status >= 400) continue
    test(`${name}: a frame broken in any place is refused or taken`, () => {
      const frames = framesOf(codec, stream)
      const seen = new Set<string>()
      for (const [index, frame] of frames.entries()) {
        const json = jsonIn(frame)
        if (json === undefined || seen.has(shapeOf(json.value))) continue
        seen.add(shapeOf(json.value))
        const before = frames.slice(0, index)
        for (const { value } of mutations(json.value)) surviveFrame(codec, before, json.around(JSON.stringify(value)))
      }
    })
  }

  test('frames that hold no JSON of the dialect are refused or ignored', () => {
    for (const frame of framesOf(codec, write(codec, SAMPLE_STREAMS['text and tool call'], REPLY_CONTEXT))) {
      const json = jsonIn(frame)
      for (const text of GARBAGE_TEXTS) if (json) surviveFrame(codec, [], json.around(text))
    }
  })

  test('bytes that are no text are refused or ignored', () => {
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167 + (index >> 3)) % 256))
    surviveFrame(codec, [], bytes)
    surviveFrame(codec, [], Buffer.concat([bytes, Buffer.from('\r\n\r\n')]))
  })
}

/** The JSON object in a frame, and the frame with another text in its place. */
function jsonIn(frame: Buffer): { value: JsonObject; around: (text: string) => Buffer } | undefined {
  const text = frame.toString()
  const [from, to] = [text.indexOf('{'), text.lastIndexOf('}') + 1]
  const value = tryParse(text.slice(from, to))
  if (!isObject(value)) return undefined
  return { value, around: (other) => Buffer.from(text.slice(0, from) + other + text.slice(to)) }
}

/** After `before`, takes `frame` or refuses it as a GatewayError; what is taken is well-formed and can be sent on. */
function surviveFrame(codec: Codec, before: readonly Buffer[], frame: Buffer): void {
  survives(`first bytes ${frame.toString()}`, () => codec.stream.prober()(frame))
  survives(`frame ${frame.toString()}`, () => {
    const { parts } = read(codec, ...before, frame)
    for (const part of parts) assertWellFormed(part, frame)
    const sendable = parts.filter((part) => part.type !== 'error')
    write(codec, sendable, REPLY_CONTEXT)
  })
}

const TEXTS = ['text', 'arguments', 'data', 'signature', 'id', 'name', 'model', 'transcript', 'kind']
const NUMBERS = ['block', 'choice', 'created']

/** Other dialects' writers rely on these types. */
function assertWellFormed(part: StreamPart, frame: Buffer): void {
  for (const [field, value] of Object.entries(part)) {
    const wanted = TEXTS.includes(field) ? 'string' : NUMBERS.includes(field) ? 'number' : typeof value
    const right = value === undefined || typeof value === wanted
    assert.ok(right, `${part.type}.${field} is ${JSON.stringify(value)} after ${frame.toString()}`)
  }
}
