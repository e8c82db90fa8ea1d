import { describe, expect, test } from 'vitest'
import type { Codec, Dialect, StreamCodec, StreamReader } from '../../src/dialect.ts'
import type { JsonObject, StreamPart } from '../../src/model.ts'
import { testDialect } from '../../src/testing/index.ts'
import { failures } from './failures.ts'
import { toyCases as cases } from './toy-cases.ts'
import { toyCodec, toyDialect } from './toy-dialect.ts'
import { toyCutter, toyPart, toyReader, toyStream } from './toy-stream.ts'

const withCodec = (codec: Partial<Codec>): Dialect => ({ ...toyDialect, codecs: { chat: { ...toyCodec, ...codec } } })

const withStream = (stream: Partial<StreamCodec>): Dialect => withCodec({ stream: { ...toyStream, ...stream } })

const finish: StreamPart = { type: 'finish', finish: { unified: 'stop' } }

/** A reader of lines that come whole; `read` makes a part of each. */
const lineReader = (read: (line: string) => StreamPart) => (): StreamReader => {
  const cutter = toyCutter()
  return {
    push(chunk, out) {
      for (const line of (cutter.push(chunk) ?? '').toString().split('\n')) if (line !== '') out.push(read(line))
    },
    end: () => true,
  }
}

/** Takes each piece from the network for a line. */
const chunkReader = (): StreamReader => ({
  push: (chunk, out) => void out.push(toyPart(chunk.toString())),
  end: () => true,
})

testDialect({ test, dialect: toyDialect, cases })

/** What is wrong with a dialect, the dialect, and the check that must say so. */
const faults: { [what: string]: [dialect: Dialect, check: string] } = {
  'loses a request field': [
    withCodec({ encodeRequest: (r) => ({ ...r, tools: undefined }) }),
    'stream: the request decodes',
  ],
  'drops a parameter of its own': [
    withCodec({ encodeRequest: (r, c) => (c.drop('tools', 'why not'), { ...r }) }),
    'stream: the request decodes',
  ],
  'crashes on a broken request': [
    withCodec({ inspect: (body) => ({ model: (body['model'] as string).trim(), stream: false }) }),
    'whole: a broken request',
  ],
  'calls a broken request an upstream error': [
    withCodec({ decodeRequest: (b) => toyCodec.decodeResponse(b) as never }),
    'whole: a broken request',
  ],
  'loses a message': [
    withCodec({ encodeRequest: (r) => ({ ...r, messages: r.messages.slice(0, 1) }) }),
    'the sample request "conversation"',
  ],
  'loses a response field': [
    withCodec({ encodeResponse: (r) => ({ ...r, usage: undefined }) }),
    'whole: the response decodes',
  ],
  'crashes on a broken response': [
    withCodec({ decodeResponse: (b) => ((b['choices'] as []).at(0), b as never) }),
    'whole: a broken response',
  ],
  'loses an answer': [
    withCodec({ decodeResponse: (b) => ({ ...toyCodec.decodeResponse(b), choices: [] }) }),
    'the sample response "text"',
  ],
  'reads chunks for frames': [withStream({ reader: chunkReader }), 'stream: every cut position'],
  'takes every stream for whole': [
    withStream({ reader: () => ({ ...toyReader(), end: () => true }) }),
    'stream: the stream is whole, and not',
  ],
  'takes no stream for whole': [
    withStream({ reader: () => ({ ...toyReader(), end: () => false }) }),
    'stream: the stream is whole, and not',
  ],
  'makes up a finish': [
    withStream({ reader: () => ({ ...toyReader(), end: (out) => (out.push(finish), true) }) }),
    'stream: the stream is whole, and not',
  ],
  'changes parts on the way': [
    withStream({ writer: () => ({ push: () => '{"type":"finish","finish":{}}\n', end: () => '' }) }),
    'stream: the parts of the stream',
  ],
  'loses a streamed answer': [
    withStream({ writer: () => ({ push: () => `${JSON.stringify(finish)}\n`, end: () => '' }) }),
    'the sample stream "tool call"',
  ],
  'crashes on a broken frame': [
    withStream({ reader: lineReader((line) => JSON.parse(line) as StreamPart) }),
    'frames that hold no JSON',
  ],
  'crashes on bytes': [
    withStream({ reader: lineReader((line) => JSON.parse(line) as StreamPart) }),
    'bytes that are no text',
  ],
  'lets wrong types through': [
    withStream({
      reader: lineReader((line) => (line.startsWith('{"type') ? (JSON.parse(line) as StreamPart) : finish)),
    }),
    'stream: a frame broken',
  ],
  'crashes when it looks at first bytes': [
    withStream({ prober: () => (chunk) => (JSON.parse(chunk.toString()), 'ok') }),
    'frames that hold no JSON',
  ],
  'finds good first bytes wanting': [withStream({ prober: () => () => 'more' }), 'stream: the first bytes'],
  'misses the usage when it skims': [
    withStream({ skimmer: () => ({ push: () => {}, end: () => true, share: 1 }) }),
    'stream: skimming',
  ],
  'hides that a stream failed': [withStream({ reader: lineReader(() => finish) }), 'failed: the failed stream'],
  'changes more than the model name': [
    withCodec({ withModel: (_, model) => Buffer.from(JSON.stringify({ model })) }),
    'stream: another model name',
  ],
  'takes a request for two models': [
    withCodec({ inspect: (body) => toyCodec.inspect(body, Buffer.alloc(0), { path: '/', params: {} }) }),
    'stream: a request that names two models',
  ],
  'forwards half frames': [
    withStream({ cutter: () => ({ push: (chunk) => chunk, end: () => undefined }) }),
    'stream: the stream goes out',
  ],
  'forwards no frames': [
    withStream({ cutter: () => ({ push: () => undefined, end: () => undefined }) }),
    'stream: the stream goes out',
  ],
  'reads its heartbeats': [withStream({ heartbeat: '{}\n' }), 'stream: the stream goes out'],
  'loses an error message': [{ ...toyDialect, encodeError: () => ({}) }, 'rate_limit_exceeded is written as JSON'],
  'ends a stream with plain text': [
    { ...toyDialect, encodeStreamError: (e) => `${e.message}\n` },
    'upstream_error ends a stream',
  ],
  'loses the wait': [
    { ...toyDialect, decodeError: (s) => toyDialect.decodeError(s, {}, {}) },
    'refused: the refusal keeps',
  ],
  'shows what was said about a credential': [
    {
      ...toyDialect,
      decodeError: (s, h, b) =>
        Object.assign(toyDialect.decodeError(s, h, b), { message: (b as { error: Error }).error.message }),
    },
    'a refused credential',
  ],
  'crashes on a strange error body': [
    { ...toyDialect, decodeError: (s, h, b) => ((b as JsonObject)['error'], toyDialect.decodeError(s, h, b)) },
    'a refusal whose body',
  ],
}

describe('a dialect is caught that', () => {
  test.each(Object.entries(faults))('%s', async (_what, [dialect, check]) => {
    const failed = await failures((run) => testDialect({ test: run, dialect, cases }))
    expect(failed.filter((name) => name.startsWith(check))).not.toEqual([])
  })
})

test('a dialect without a chat codec cannot be tested', () => {
  expect(() => testDialect({ test, dialect: { ...toyDialect, codecs: {} }, cases: [] })).toThrow('toy')
})
