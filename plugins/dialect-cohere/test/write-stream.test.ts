import type { JsonObject, StreamPart } from '@sluice/core'
import { reply, WRITING, WRITING_BLOCKS } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { chat, encodeStream, eventsOf } from './support.ts'

const shapes = (...parts: StreamPart[]): unknown[] =>
  eventsOf(encodeStream(parts)).map(({ type, index }) => (index === undefined ? type : [type, index]))
/** What lies between beginning and end. */
const middle = (...parts: StreamPart[]): JsonObject[] => eventsOf(encodeStream(parts)).slice(1, -1)
const text = (block: number, text: string): StreamPart => ({ type: 'text-delta', block, text })
const thought = (block: number, text: string): StreamPart => ({ type: 'reasoning-delta', block, text })
const call = (block: number, id: string): StreamPart => ({ type: 'tool-call-start', block, id, name: 'f' })
const words = (block: number, piece: string): StreamPart => ({ type: 'tool-call-delta', block, arguments: piece })
const delta = (type: string, index: number, message: JsonObject): JsonObject => ({ type, index, delta: { message } })

describe('a stream for Cohere’s clients', () => {
  test.each([...WRITING, ...WRITING_BLOCKS])('%s', (_, holds) => holds(chat))

  test('has beginning, end and end mark, whatever came', () => {
    expect(encodeStream([])).toBe(
      'event: message-start\ndata: {"id":"x1","type":"message-start","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}\n\n' +
        'event: message-end\ndata: {"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{}}}\n\n' +
        'data: [DONE]\n\n',
    )
  })

  test('opens, numbers and closes contents and calls, whatever the parts’ own numbers are', () => {
    expect(
      shapes(thought(7, 'Hm'), text(3, 'a'), text(3, 'b'), call(9, 'c'), words(9, '{}'), call(2, 'd'), text(3, 'c')),
    ).toEqual([
      'message-start',
      ['content-start', 0],
      ['content-delta', 0],
      ['content-end', 0],
      ['content-start', 1],
      ['content-delta', 1],
      ['content-delta', 1],
      ['content-end', 1],
      ['tool-call-start', 0],
      ['tool-call-delta', 0],
      ['tool-call-end', 0],
      ['tool-call-start', 1],
      ['tool-call-end', 1],
      ['content-start', 2],
      ['content-delta', 2],
      ['content-end', 2],
      'message-end',
    ])
  })

  test('says what the parts say', () => {
    expect(middle(thought(0, 'Hm "x"'), text(1, 'Hi\n'), call(2, 'c'), words(2, '{"a":1}'))).toEqual([
      delta('content-start', 0, { content: { type: 'thinking', thinking: '' } }),
      delta('content-delta', 0, { content: { thinking: 'Hm "x"' } }),
      { type: 'content-end', index: 0 },
      delta('content-start', 1, { content: { type: 'text', text: '' } }),
      delta('content-delta', 1, { content: { text: 'Hi\n' } }),
      { type: 'content-end', index: 1 },
      delta('tool-call-start', 0, {
        tool_calls: { id: 'c', type: 'function', function: { name: 'f', arguments: '' } },
      }),
      delta('tool-call-delta', 0, { tool_calls: { function: { arguments: '{"a":1}' } } }),
      { type: 'tool-call-end', index: 0 },
    ])
  })

  test.each<[string, StreamPart[], string[]]>([
    [
      'refusals and spoken words as text',
      [
        { type: 'refusal-delta', block: 0, text: 'No' },
        { type: 'audio-delta', block: 1, transcript: 'La', data: 'x' },
      ],
      ['No', 'La'],
    ],
    ['the first choice only', [text(0, 'a'), { type: 'text-delta', block: 0, choice: 1, text: 'b' }], ['a']],
    ['no log probabilities of others', [{ type: 'text-delta', block: 0, text: 'a', logprobs: { content: [] } }], ['a']],
    ['no empty pieces', [text(0, ''), thought(0, ''), call(1, 'c'), words(1, '')], []],
    [
      'nothing that only others know',
      [
        { type: 'raw', dialect: 'x', value: {} },
        { type: 'audio-delta', block: 0, data: 'x' },
      ],
      [],
    ],
  ])('carries %s', (_, parts, expected) => {
    const deltas = middle(...parts).filter(({ type }) => type === 'content-delta')
    expect(deltas.map((event) => event.delta)).toEqual(expected.map((text) => ({ message: { content: { text } } })))
    expect(deltas.every((event) => !('logprobs' in event))).toBe(true)
  })

  test('refuses arguments for a call that is closed or was never begun', () => {
    expect(() => encodeStream([words(0, '{}')])).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    expect(() => encodeStream([call(0, 'c'), call(1, 'd'), words(0, '{}')])).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    )
  })

  test('cites within the text, or after it', () => {
    const cite = (block: number): StreamPart => ({ type: 'citation', block, citation: { url: 'u', start: 0, end: 1 } })
    const citation = (place: number): JsonObject => ({
      start: 0,
      end: 1,
      sources: [{ type: 'document', id: 'u', document: { id: 'u', url: 'u' } }],
      content_index: place,
      type: 'TEXT_CONTENT',
    })
    expect(
      middle(thought(0, 'Hm'), text(1, 'a'), cite(1), text(1, 'b'), call(2, 'c'), cite(1)).filter(({ type }) =>
        String(type).startsWith('citation'),
      ),
    ).toEqual([
      delta('citation-start', 0, { citations: citation(1) }),
      { type: 'citation-end', index: 0 },
      delta('citation-start', 1, { citations: citation(1) }),
      { type: 'citation-end', index: 1 },
    ])
    expect(shapes(cite(0), text(0, 'a')).slice(1, 5)).toEqual([
      ['content-start', 0],
      ['citation-start', 0],
      ['citation-end', 0],
      ['content-delta', 0],
    ])
  })

  test('ends with reason and counts, in whatever order they came', () => {
    const usage = { input: { total: 3, cacheRead: 0, cacheWrite: 0 }, output: { total: 2, reasoning: 0 } }
    const finish: StreamPart = { type: 'finish', finish: { unified: 'stop' } }
    const parts: StreamPart[] = [
      { type: 'usage', usage },
      finish,
      { type: 'finish', finish: { unified: 'length' } },
      call(0, 'c'),
    ]
    expect(eventsOf(encodeStream(parts)).at(-1)).toEqual({
      type: 'message-end',
      delta: {
        finish_reason: 'TOOL_CALL',
        usage: {
          billed_units: { input_tokens: 3, output_tokens: 2 },
          tokens: { input_tokens: 3, output_tokens: 2 },
          cached_tokens: 0,
        },
      },
    })
  })

  test('begins with the id of the upstream, if it brought one', () => {
    expect(
      eventsOf(
        encodeStream([
          { type: 'start', id: 'r1', model: 'm' },
          { type: 'start', id: 'r2' },
        ]),
      )[0],
    ).toMatchObject({ id: 'r1' })
  })

  test('gives whole frames for each part', () => {
    const writer = chat.stream.writer(reply)
    for (const part of [text(0, 'a'), thought(1, 'b'), call(2, 'c'), words(2, '{}')]) {
      const frames = String(writer.push(part))
      expect(frames).toMatch(/\n\n$/)
    }
  })

  test('has a whole content of Cohere’s that nobody here knows', () => {
    const value = { type: 'music', notes: 'c' }
    expect(middle(text(0, 'a'), { type: 'raw', dialect: 'cohere', value }).slice(2)).toEqual([
      { type: 'content-end', index: 0 },
      delta('content-start', 1, { content: value }),
      { type: 'content-end', index: 1 },
    ])
  })
})
