import type { Finish, JsonObject, StreamPart } from '@sluice/core'
import { Collector } from '@sluice/dialect-kit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { called, closed, decode, delta, input, opened, started, stopped, told, typesOf } from './events.ts'
import { chat, decodeStream, encodeStream, eventsOf, reply } from './support.ts'

const finish: Finish = { unified: 'stop', raw: 'STOP' }
const usage = { input: { total: 100, cacheRead: 30, cacheWrite: 20 }, output: { total: 9, reasoning: 4 } }
const written = (...parts: StreamPart[]) => eventsOf(encodeStream(parts))
const counts = {
  inputTokens: 50,
  outputTokens: 9,
  totalTokens: 109,
  cacheReadInputTokens: 30,
  cacheWriteInputTokens: 20,
}

describe('writing a stream', () => {
  test('of another dialect gives the events that Bedrock would send', () => {
    expect(
      written(
        { type: 'start', id: 'x', model: 'm' },
        { type: 'reasoning-delta', block: 0, text: 'Hm' },
        { type: 'reasoning-signature', block: 0, signature: 's' },
        { type: 'text-delta', block: 1, text: 'Say "hi"\n' },
        { type: 'text-delta', block: 1, text: '' },
        { type: 'citation', block: 1, citation: { url: 'u', title: 't', quote: 'q' } },
        { type: 'tool-call-start', block: 2, id: 'call_1', name: 'f' },
        { type: 'tool-call-delta', block: 2, arguments: '{"a":' },
        { type: 'tool-call-delta', block: 2, arguments: '1}' },
        { type: 'tool-call-start', block: 3, id: 'call_2', name: 'g' },
        { type: 'usage', usage },
        { type: 'finish', finish },
      ),
    ).toEqual([
      ['messageStart', { role: 'assistant' }],
      delta(0, { reasoningContent: { text: 'Hm' } }),
      delta(0, { reasoningContent: { signature: 's' } }),
      closed(0),
      delta(1, { text: 'Say "hi"\n' }),
      delta(1, { citation: { title: 't', sourceContent: [{ text: 'q' }], location: { web: { url: 'u' } } } }),
      closed(1),
      opened(2, { toolUse: { toolUseId: 'call_1', name: 'f' } }),
      input(2, '{"a":'),
      input(2, '1}'),
      closed(2),
      opened(3, { toolUse: { toolUseId: 'call_2', name: 'g' } }),
      input(3, '{}'),
      closed(3),
      ['messageStop', { stopReason: 'tool_use' }],
      ['metadata', { metrics: { latencyMs: 0 }, usage: counts }],
    ])
  })

  test('finish, usage and text may come in any order', () => {
    const parts: StreamPart[] = [
      { type: 'text-delta', block: 0, text: 'A' },
      { type: 'finish', finish },
      { type: 'usage', usage },
    ]
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [2, 1, 0],
    ]) {
      const { parts: back, whole } = decodeStream(encodeStream(order.map((index) => parts[index]!)))
      expect(whole).toBe(true)
      expect(typesOf(back)).toEqual(['start', 'text-delta', 'finish', 'usage'])
    }
  })

  test('an answer of nothing is a whole message', () => {
    expect(written().map(([type]) => type)).toEqual(['messageStart', 'messageStop', 'metadata'])
  })

  test('blocks are numbered anew, and a block that is taken up again is a new one', () => {
    const block = (number: number, text: string): StreamPart => ({ type: 'text-delta', block: number, text })
    const events = written(block(7, 'A'), block(3, 'B'), block(3, 'C'), block(7, 'D'))
    const numbers = events.filter(([type]) => type === 'contentBlockDelta').map(([, event]) => event.contentBlockIndex)
    expect(numbers).toEqual([0, 1, 1, 2])
  })

  test.each<[string, StreamPart[], Finish]>([
    ['tool_use', [{ type: 'tool-call-start', block: 0, id: 'a', name: 'f' }], { unified: 'stop' }],
    ['content_filtered', [{ type: 'refusal-delta', block: 0, text: 'No.' }], { unified: 'stop' }],
    ['max_tokens', [{ type: 'tool-call-start', block: 0, id: 'a', name: 'f' }], { unified: 'length' }],
    ['end_turn', [], { unified: 'stop', raw: 'STOP' }],
  ])('stops with %s', (reason, parts, end) => {
    expect(written(...parts, { type: 'finish', finish: end })).toContainEqual(['messageStop', { stopReason: reason }])
  })

  test('encrypted thinking goes along, each piece in a block of its own', () => {
    const parts: StreamPart[] = [
      { type: 'reasoning-redacted', block: 0, data: 'data', origin: 'anthropic' },
      { type: 'reasoning-signature', block: 1, signature: 'sig', origin: 'anthropic' },
    ]
    expect(decodeStream(encodeStream(parts)).parts.slice(1, 3)).toEqual(parts)
  })

  test('other choices and other dialects’ raw parts are left out', () => {
    const bytes = encodeStream([
      { type: 'text-delta', block: 0, text: 'second', choice: 1 },
      { type: 'raw', dialect: 'openai-responses', value: { type: 'x' } },
      { type: 'audio-delta', block: 0, data: 'AA==' },
      { type: 'audio-delta', block: 0, transcript: 'spoken' },
    ])
    expect(decodeStream(bytes).parts.filter((part) => part.type === 'text-delta')).toEqual([
      { type: 'text-delta', block: 0, text: 'spoken' },
    ])
  })

  test('half the arguments of a call never go out', () => {
    const writer = chat.stream.writer(reply)
    writer.push({ type: 'tool-call-start', block: 0, id: 'a', name: 'f' })
    writer.push({ type: 'tool-call-start', block: 1, id: 'b', name: 'f' })
    expect(() => writer.push({ type: 'tool-call-delta', block: 0, arguments: '{' })).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    )
  })

  test('what only Bedrock knows goes out as it came, in the right block', () => {
    const events = [
      ['messageStart', { role: 'assistant', note: 1 }] as const,
      delta(0, { text: 'A' }),
      delta(0, { news: 1 }),
      closed(0),
      opened(1, { toolUse: { toolUseId: 's', name: 'web', type: 'server_tool_use' } }),
      input(1, '{"q":"x"}'),
      closed(1),
      opened(2, { toolResult: { toolUseId: 's', type: 'web_result' } }),
      delta(2, { toolResult: [{ text: 'a' }, { json: {} }] }),
      closed(2),
      opened(3, { image: { format: 'png' } }),
      delta(3, { image: { source: { bytes: 'AA==' } } }),
      closed(3),
      ['news', { body: {} }] as const,
      stopped('end_turn', { additionalModelResponseFields: { a: 1 } }),
      ['metadata', { usage: { inputTokens: 1, outputTokens: 2 }, trace: {}, metrics: { latencyMs: 1 } }] as const,
    ]
    const { parts } = decode(...events)
    expect(eventsOf(encodeStream(parts))).toEqual(events)
    // With a block before it, its number moves.
    const moved = eventsOf(
      encodeStream([parts[0]!, { type: 'reasoning-delta', block: 9, text: 'Hm' }, ...parts.slice(1)]),
    )
    expect(moved).toContainEqual(delta(1, { news: 1 }))
    const collector = new Collector(Infinity)
    for (const part of parts.filter((each) => !('event' in each))) collector.push(part)
    const { output } = chat.encodeResponse(collector.response()!, reply) as {
      output: { message: { content: JsonObject[] } }
    }
    expect(output.message.content).toEqual([
      { text: 'A' },
      { toolUse: { toolUseId: 's', name: 'web', type: 'server_tool_use', input: { q: 'x' } } },
      { toolResult: { toolUseId: 's', type: 'web_result', content: [{ text: 'a' }, { json: {} }] } },
      { image: { format: 'png', source: { bytes: 'AA==' } } },
    ])
  })

  test('a block that has no streamed form is left out', () => {
    expect(written({ type: 'raw', dialect: 'bedrock', value: { news: {} } })).toHaveLength(3)
    expect(decode(started, called(0), told).whole).toBe(true)
  })
})

const block = fc.integer({ min: 0, max: 3 })
const word = fc.string({ maxLength: 5, unit: 'grapheme' })
const anyPart: fc.Arbitrary<StreamPart> = fc.oneof(
  fc.record({ type: fc.constant('text-delta' as const), block, text: word }),
  fc.record({ type: fc.constant('refusal-delta' as const), block, text: word }),
  fc.record({ type: fc.constant('reasoning-delta' as const), block, text: word }),
  fc.record({ type: fc.constant('reasoning-signature' as const), block, signature: word }),
  fc.record({ type: fc.constant('reasoning-redacted' as const), block, data: word }),
  fc.record({ type: fc.constant('citation' as const), block, citation: fc.record({ url: word }) }),
  fc.record({ type: fc.constant('tool-call-start' as const), block, id: word, name: word }),
  fc.record({ type: fc.constant('finish' as const), finish: fc.constant<Finish>({ unified: 'stop' }) }),
  fc.record({ type: fc.constant('start' as const), id: word }),
  fc.record({
    type: fc.constant('raw' as const),
    dialect: fc.constant('bedrock'),
    value: fc.constant({ toolResult: { toolUseId: 'a' } }),
  }),
)

test('whatever order the parts come in, blocks follow one another, each closed before the next', () => {
  fc.assert(
    fc.property(fc.array(anyPart, { maxLength: 30 }), (parts) => {
      const events = written(...parts)
      const types = events.map(([type]) => type)
      expect([types[0], ...types.slice(-2)]).toEqual(['messageStart', 'messageStop', 'metadata'])
      let index = 0
      let open = false
      for (const [type, event] of events.slice(1, -2)) {
        expect(event.contentBlockIndex).toBe(index)
        if (type === 'contentBlockStart') expect(open).toBe(false)
        open = type !== 'contentBlockStop'
        if (!open) index++
      }
      expect(open).toBe(false)
      const said = (list: readonly StreamPart[], kinds: string[]) =>
        list.map((part) => (kinds.includes(part.type) && 'text' in part ? part.text : '')).join('')
      expect(said(decodeStream(encodeStream(parts)).parts, ['text-delta'])).toBe(
        said(parts, ['text-delta', 'refusal-delta']),
      )
    }),
  )
})
