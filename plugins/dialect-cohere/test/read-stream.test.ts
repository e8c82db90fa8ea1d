import type { JsonObject, StreamPart } from '@sluice/core'
import { plain } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { chat, decodeStream, encodeStream, wire } from './support.ts'

const start = {
  type: 'message-start',
  id: 'r1',
  delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
}
const message = (
  type: string,
  index: number,
  said: JsonObject,
  more: JsonObject = {},
): JsonObject & { type: string } => ({ type, index, delta: { message: said }, ...more })
const open = (index: number, kind: string): JsonObject =>
  message('content-start', index, { content: { type: kind, [kind]: '' } })
const text = (index: number, text: string, more: JsonObject = {}): JsonObject =>
  message('content-delta', index, { content: { text } }, more)
const thought = (index: number, thinking: string, more: JsonObject = {}): JsonObject =>
  message('content-delta', index, { content: { thinking } }, more)
const close = (index: number): JsonObject => ({ type: 'content-end', index })
const plan = (words: string): JsonObject => ({ type: 'tool-plan-delta', delta: { message: { tool_plan: words } } })
const call = (index: number, id: string, words = '', more: JsonObject = {}): JsonObject =>
  message('tool-call-start', index, {
    tool_calls: { id, type: 'function', function: { name: 'f', arguments: words }, ...more },
  })
const words = (index: number, piece: string): JsonObject =>
  message('tool-call-delta', index, { tool_calls: { function: { arguments: piece } } })
const called = (index: number): JsonObject => ({ type: 'tool-call-end', index })
const cite = (index: number, citation: JsonObject): JsonObject =>
  message('citation-start', index, { citations: citation })
const end = (delta: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  type: 'message-end',
  ...more,
  delta: { finish_reason: 'COMPLETE', ...delta },
})
const DONE = 'data: [DONE]\n\n'

const said = (...events: JsonObject[]): StreamPart[] => decodeStream(wire(start, ...events)).parts.slice(1)
const contents = (...events: JsonObject[]): JsonObject[] =>
  said(...events).map((part) => plain(part as unknown as JsonObject))
const textDelta = (block: number, text: string): JsonObject => ({ type: 'text-delta', block, text })
const planDelta = (block: number, text: string): JsonObject => ({
  ...textDelta(block, text),
  extensions: { cohere: {} },
})
const argument = (block: number, words: string): JsonObject => ({ type: 'tool-call-delta', block, arguments: words })
const callStart = (block: number, id: string): JsonObject => ({ type: 'tool-call-start', block, id, name: 'f' })

describe('a stream of Cohere', () => {
  test('begins with its id', () => {
    expect(decodeStream(wire(start)).parts).toEqual([{ type: 'start', id: 'r1', extensions: { cohere: {} } }])
  })

  test.each<[string, JsonObject[], JsonObject[]]>([
    [
      'texts and thoughts, each a block',
      [open(0, 'thinking'), thought(0, 'Hm'), close(0), open(1, 'text'), text(1, 'H'), text(1, 'i'), close(1)],
      [{ type: 'reasoning-delta', block: 0, text: 'Hm' }, textDelta(1, 'H'), textDelta(1, 'i')],
    ],
    [
      'a text that begins at once',
      [message('content-start', 0, { content: { type: 'text', text: 'Hi' } })],
      [textDelta(0, 'Hi')],
    ],
    [
      'no empty pieces, and no blocks without content',
      [open(0, 'thinking'), thought(0, ''), close(0), open(1, 'text'), text(1, 'Hi')],
      [textDelta(0, 'Hi')],
    ],
    [
      'contents that nobody opened',
      [text(0, 'a'), thought(1, 'b'), text(1, 'c')],
      [textDelta(0, 'a'), { type: 'reasoning-delta', block: 1, text: 'b' }, textDelta(2, 'c')],
    ],
    [
      'a content of the same number after it was closed',
      [open(0, 'text'), text(0, 'a'), close(0), open(0, 'text'), text(0, 'b')],
      [textDelta(0, 'a'), textDelta(1, 'b')],
    ],
    [
      'a plan and calls',
      [
        plan('I '),
        plan('look.'),
        call(0, 'c'),
        words(0, '{"a"'),
        words(0, ':1}'),
        called(0),
        call(1, 'd'),
        words(1, '{}'),
        called(1),
      ],
      [
        planDelta(0, 'I '),
        planDelta(0, 'look.'),
        callStart(1, 'c'),
        argument(1, '{"a"'),
        argument(1, ':1}'),
        callStart(2, 'd'),
        argument(2, '{}'),
      ],
    ],
    [
      'thoughts before calls, which are numbered anew',
      [open(0, 'thinking'), thought(0, 'Hm'), close(0), call(0, 'c', '{"a":1}'), called(0)],
      [{ type: 'reasoning-delta', block: 0, text: 'Hm' }, callStart(1, 'c'), argument(1, '{"a":1}')],
    ],
    [
      'arguments for calls that have none',
      [call(0, 'c'), called(0), call(1, 'd', 'null'), words(1, ''), called(1), call(2, 'e'), words(2, 'null')],
      [callStart(0, 'c'), argument(0, '{}'), callStart(1, 'd'), argument(1, '{}'), callStart(2, 'e')],
    ],
    [
      'a call in a list',
      [message('tool-call-start', 0, { tool_calls: [{ id: 'c', function: { name: 'f', arguments: '1' } }] })],
      [callStart(0, 'c'), argument(0, '1')],
    ],
    [
      'a call with more to it',
      [call(0, 'c', '1', { cost: 2 })],
      [{ ...callStart(0, 'c'), extensions: { cohere: { cost: 2 } } }, argument(0, '1')],
    ],
    [
      'log probabilities',
      [text(0, 'Hi', { logprobs: { token_ids: [1] } }), text(0, '', { logprobs: { token_ids: [2] } })],
      [
        { ...textDelta(0, 'Hi'), logprobs: { token_ids: [1] } },
        { ...textDelta(0, ''), logprobs: { token_ids: [2] } },
      ],
    ],
    [
      'log probabilities of thoughts, for Cohere’s clients',
      [thought(0, 'Hm', { logprobs: { token_ids: [1] } })],
      [
        { type: 'reasoning-delta', block: 0, text: 'Hm' },
        {
          type: 'raw',
          dialect: 'cohere',
          event: 'content-delta',
          value: thought(0, '', { logprobs: { token_ids: [1] } }),
        },
      ],
    ],
    [
      'citations of the last text',
      [text(0, 'a'), close(0), cite(0, { start: 0, end: 1, type: 'TEXT_CONTENT' }), { type: 'citation-end', index: 0 }],
      [
        textDelta(0, 'a'),
        {
          type: 'citation',
          block: 0,
          citation: { start: 0, end: 1, extensions: { cohere: { start: 0, end: 1, type: 'TEXT_CONTENT' } } },
        },
      ],
    ],
    [
      'citations of thoughts and of nothing, for Cohere’s clients',
      [cite(0, { start: 0 }), text(0, 'a'), cite(1, { type: 'THINKING_CONTENT' })],
      [
        { type: 'raw', dialect: 'cohere', event: 'citation-start', value: cite(0, { start: 0 }) },
        textDelta(0, 'a'),
        { type: 'raw', dialect: 'cohere', event: 'citation-start', value: cite(1, { type: 'THINKING_CONTENT' }) },
      ],
    ],
    [
      'events and contents of the future',
      [
        { type: 'debug', prompt: 'p' },
        message('content-start', 0, { content: { type: 'music' } }),
        message('content-delta', 0, { content: { notes: 'c' } }),
      ],
      [
        { type: 'raw', dialect: 'cohere', event: 'debug', value: { type: 'debug', prompt: 'p' } },
        {
          type: 'raw',
          dialect: 'cohere',
          event: 'content-start',
          value: message('content-start', 0, { content: { type: 'music' } }),
        },
        {
          type: 'raw',
          dialect: 'cohere',
          event: 'content-delta',
          value: message('content-delta', 0, { content: { notes: 'c' } }),
        },
      ],
    ],
    ['only one beginning', [start], []],
  ])('carries %s', (_, events, expected) => {
    expect(contents(...events)).toEqual(expected)
    const parts = decodeStream(wire(start, ...events, end())).parts
    expect(decodeStream(encodeStream(parts)).parts).toEqual(parts)
  })

  test('ends with its reason, its counts and what else it says', () => {
    const usage = {
      billed_units: { input_tokens: 5, output_tokens: 2 },
      tokens: { input_tokens: 500, output_tokens: 4 },
      cached_tokens: 464,
    }
    const { parts, whole } = decodeStream(wire(start, end({ usage, mood: 'good' }, { id: 'e1' })) + DONE)
    expect(whole).toBe(true)
    expect(parts.slice(1)).toEqual([
      {
        type: 'finish',
        finish: { unified: 'stop', raw: 'COMPLETE' },
        extensions: { cohere: { id: 'e1', delta: { mood: 'good' } } },
      },
      {
        type: 'usage',
        usage: { input: { total: 5, cacheRead: 0, cacheWrite: 0 }, output: { total: 2, reasoning: 0 }, raw: usage },
      },
    ])
    expect(decodeStream(encodeStream(parts)).parts).toEqual(parts)
  })

  test.each<[string, boolean, string]>([
    ['with its end and its end mark', true, wire(start, end()) + DONE],
    ['without its end mark', true, wire(start, end())],
    ['with two ends', true, wire(start, end(), end({ finish_reason: 'ERROR', error: 'x' }))],
    ['without its end', false, wire(start, text(0, 'Hi'))],
    ['without its end but with its end mark', false, wire(start, text(0, 'Hi')) + DONE],
    ['with nothing', false, ''],
    ['with an empty event', false, 'data:\n\n'],
  ])('%s is whole: %s', (_, expected, stream) => {
    const { parts, whole } = decodeStream(stream)
    expect(whole).toBe(expected)
    expect(parts.filter((part) => part.type === 'error')).toEqual([])
  })

  test.each<[string, string, object]>([
    [
      'a failed generation',
      wire(start, end({ finish_reason: 'ERROR', usage: {}, error: 'bad', error_type: 'X' })),
      { code: 'upstream_error', message: 'bad', upstream: { type: 'X', dialect: 'cohere' } },
    ],
    ['a failure without words', wire(end({ finish_reason: 'ERROR', error_type: 'X' })), { code: 'upstream_error' }],
    ['a refusal', 'data: {"id":"e","message":"no"}\n\n', { message: 'no', upstream: { requestId: 'e' } }],
    ['an error event', 'event: error\ndata: {"message":"no"}\n\n', { message: 'no' }],
    ['an error of a proxy', 'data: {"error":{"message":"no"}}\n\n', { message: 'no' }],
  ])('that holds %s fails', (_, stream, expected) => {
    const { parts, whole } = decodeStream(stream + wire(text(0, 'after')))
    expect(parts.at(-1)).toMatchObject({ type: 'error', error: expected })
    expect(whole).toBe(false)
  })

  test('that says ERROR and nothing more has ended, badly', () => {
    const { parts, whole } = decodeStream(wire(start, end({ finish_reason: 'ERROR', usage: {} })))
    expect(parts.at(-1)).toEqual({ type: 'finish', finish: { unified: 'error', raw: 'ERROR' } })
    expect(whole).toBe(true)
  })

  test.each(['data: <html>\n\n', 'data: []\n\n', 'data: {"x":1}\n\n', 'data: null\n\n'])(
    'of %j is refused',
    (stream) => {
      expect(() => decodeStream(stream)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    },
  )

  test('may name its events in either place', () => {
    const stream =
      'event: content-delta\ndata: {"index":0,"delta":{"message":{"content":{"text":"a"}}}}\n\n' +
      'data: {"type":"message-end","delta":{"finish_reason":"COMPLETE"}}\n\n'
    expect(decodeStream(stream)).toMatchObject({ whole: true, parts: [{ text: 'a' }, { type: 'finish' }] })
  })
})

describe('the first frames', () => {
  const judge = (...frames: string[]): unknown => {
    const probe = chat.stream.prober()
    return frames.map((frame) => probe(Buffer.from(frame))).find((verdict) => verdict !== 'more') ?? 'more'
  }

  test.each<[string, string, string[]]>([
    ['a beginning', 'more', [wire(start)]],
    ['a beginning without a name', 'more', [`data: ${JSON.stringify(start)}\n\n`]],
    ['an end mark', 'more', [DONE]],
    ['a content', 'ok', [wire(start), wire(open(0, 'text'))]],
    ['a plan', 'ok', [wire(start), wire(plan('I'))]],
    ['a call', 'ok', [wire(start), wire(call(0, 'c'))]],
    ['an empty answer', 'ok', [wire(start), wire(end())]],
    ['a text about errors', 'ok', [wire(text(0, '"error" "error_type"'))]],
  ])('%s: %s', (_, verdict, frames) => {
    expect(judge(...frames)).toBe(verdict)
  })

  test.each<[string, string]>([
    ['a failure', wire(end({ finish_reason: 'ERROR', error: 'bad' }))],
    ['a failure without words', wire(end({ finish_reason: 'ERROR', error_type: 'X' }))],
    ['a refusal', 'data: {"id":"e","message":"bad"}\n\n'],
    ['no JSON', 'data: bad\n\n'],
  ])('%s lets another target take over', (_, frame) => {
    expect(judge(wire(start), frame)).toMatchObject({ code: 'upstream_error' })
  })
})
