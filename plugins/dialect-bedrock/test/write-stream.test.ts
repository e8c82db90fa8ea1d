import type { Finish, JsonObject, StreamPart } from '@sluice/core'
import { Collector } from '@sluice/dialect-kit'
import {
  CLAUDE_STREAM_ENDINGS,
  PART_MAKERS,
  reply,
  spoken,
  WRITING,
  WRITING_BLOCKS,
  WRITING_CLAUDE,
} from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { called, closed, decode, delta, input, opened, started, stopped, told } from './events.ts'
import { chat, decodeStream, encodeStream, eventsOf } from './support.ts'

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
  test.each([...WRITING, ...WRITING_BLOCKS, ...WRITING_CLAUDE])('%s', (_, holds) => holds(chat))

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

  test('an answer of nothing is a whole message', () => {
    expect(written().map(([type]) => type)).toEqual(['messageStart', 'messageStop', 'metadata'])
  })

  test('blocks are numbered anew, and a block that is taken up again is a new one', () => {
    const block = (number: number, text: string): StreamPart => ({ type: 'text-delta', block: number, text })
    const events = written(block(7, 'A'), block(3, 'B'), block(3, 'C'), block(7, 'D'))
    const numbers = events.filter(([type]) => type === 'contentBlockDelta').map(([, event]) => event.contentBlockIndex)
    expect(numbers).toEqual([0, 1, 1, 2])
  })

  test.each<readonly [string, StreamPart[], Finish]>([
    ['content_filtered', [{ type: 'refusal-delta', block: 0, text: 'No.' }], { unified: 'stop' }],
    ...CLAUDE_STREAM_ENDINGS,
  ])('stops with %s', (reason, parts, end) => {
    expect(written(...parts, { type: 'finish', finish: end })).toContainEqual(['messageStop', { stopReason: reason }])
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

const word = fc.string({ maxLength: 5, unit: 'grapheme' })
const rawBlock = (): StreamPart => ({ type: 'raw', dialect: 'bedrock', value: { toolResult: { toolUseId: 'a' } } })
const anyPart = fc
  .tuple(fc.constantFrom(...PART_MAKERS, rawBlock), fc.nat(3), word, word)
  .map(([make, block, text, other]) => make(block, text, other))

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
      expect(spoken(decodeStream(encodeStream(parts)).parts, ['text-delta'])).toBe(
        spoken(parts, ['text-delta', 'refusal-delta']),
      )
    }),
  )
})
