import type { Finish, StreamPart, Usage } from '@sluice/core'
import { Collector } from '@sluice/dialect-kit'
import {
  CLAUDE_STREAM_ENDINGS,
  PART_MAKERS,
  spoken,
  WRITING,
  WRITING_BLOCKS,
  WRITING_CLAUDE,
} from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { closed, decode, delta, finished, opened, started, stopped } from './events.ts'
import { chat, decodeStream, encodeStream, eventsOf } from './support.ts'

describe('writing a stream', () => {
  test.each([...WRITING, ...WRITING_BLOCKS, ...WRITING_CLAUDE])('%s', (_, holds) => holds(chat))

  const usage: Usage = { input: { total: 10, cacheRead: 4, cacheWrite: 1 }, output: { total: 3, reasoning: 2 } }

  test('from another dialect', () => {
    const text = encodeStream([
      { type: 'start', id: 'chatcmpl-1', model: 'gpt' },
      { type: 'reasoning-delta', block: 0, text: 'Hm' },
      { type: 'text-delta', block: 1, text: 'A "b"\n' },
      { type: 'citation', block: 1, citation: { url: 'https://example.com', title: 'T' } },
      { type: 'tool-call-start', block: 2, id: 'call_1', name: 'f' },
      { type: 'tool-call-delta', block: 2, arguments: '{"a":1}' },
      { type: 'finish', finish: { unified: 'tool-calls' } },
      { type: 'usage', usage },
    ])
    expect(eventsOf(text)).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'chatcmpl-1',
          type: 'message',
          role: 'assistant',
          model: 'gpt',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
        },
      },
      opened(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      delta(0, { type: 'signature_delta', signature: '' }),
      closed(0),
      opened(1, { type: 'text', text: '' }),
      delta(1, { type: 'text_delta', text: 'A "b"\n' }),
      delta(1, {
        type: 'citations_delta',
        citation: {
          type: 'web_search_result_location',
          url: 'https://example.com',
          title: 'T',
          cited_text: '',
          encrypted_index: '',
        },
      }),
      closed(1),
      opened(2, { type: 'tool_use', id: 'call_1', name: 'f', input: {} }),
      delta(2, { type: 'input_json_delta', partial_json: '{"a":1}' }),
      closed(2),
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: {
          input_tokens: 5,
          cache_creation_input_tokens: 1,
          cache_read_input_tokens: 4,
          output_tokens: 3,
          output_tokens_details: { thinking_tokens: 2 },
        },
      },
      stopped,
    ])
  })

  test('an answer of nothing is a whole message', () => {
    const events = eventsOf(encodeStream([]))
    expect(events.map((event) => event.type)).toEqual(['message_start', 'message_delta', 'message_stop'])
    expect(events[0]).toMatchObject({ message: { id: 'msg_x1', model: 'asked-for' } })
  })

  test('blocks are numbered anew, and a block that is taken up again is a new one', () => {
    const block = (number: number, text: string): StreamPart => ({ type: 'text-delta', block: number, text })
    const events = eventsOf(encodeStream([block(7, 'A'), block(3, 'B'), block(3, 'C'), block(7, 'D')]))
    const starts = events.filter((event) => event.type === 'content_block_start').map((event) => event.index)
    expect(starts).toEqual([0, 1, 2])
  })

  test.each<readonly [string, StreamPart[], Finish]>([
    ['refusal', [{ type: 'refusal-delta', block: 0, text: 'No.' }], { unified: 'stop' }],
    ...CLAUDE_STREAM_ENDINGS,
  ])('stops with %s', (reason, parts, end) => {
    expect(eventsOf(encodeStream([...parts, { type: 'finish', finish: end }])).at(-2)).toMatchObject({
      delta: { stop_reason: reason },
    })
  })

  test('events and deltas that this dialect does not know go out as they came, in the right block', () => {
    const unknown = delta(0, { type: 'new_delta', value: 1 })
    const events = [
      started,
      opened(0, { type: 'text', text: '' }),
      delta(0, { type: 'text_delta', text: 'A' }),
      unknown,
      { type: 'news', body: {} },
      finished('end_turn'),
      stopped,
    ]
    const { parts } = decode(...events)
    expect(eventsOf(encodeStream(parts))).toEqual(expect.arrayContaining([unknown, { type: 'news', body: {} }]))
    // With a block before it, its number moves.
    const moved = eventsOf(
      encodeStream([parts[0]!, { type: 'reasoning-delta', block: 9, text: 'Hm' }, ...parts.slice(1)]),
    )
    expect(moved).toContainEqual({ ...unknown, index: 1 })
  })

  test('a server tool’s call and result are blocks of their own, in whatever form they come', () => {
    const call = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } }
    const result = {
      type: 'web_search_tool_result',
      tool_use_id: 's',
      content: [{ type: 'web_search_result', url: 'u' }],
    }
    const parts: StreamPart[] = [call, result].map((value) => ({ type: 'raw', dialect: 'anthropic', value }))
    const events = eventsOf(encodeStream(parts))
    expect(events.slice(1, -2)).toEqual([
      opened(0, { ...call, input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{"query":"q"}' }),
      closed(0),
      opened(1, result),
      closed(1),
    ])
    const collector = new Collector(Infinity)
    for (const part of decode(...events).parts) collector.push(part)
    expect(collector.response()!.choices[0]!.parts.map((part) => part.type === 'raw' && part.value)).toEqual([
      call,
      result,
    ])
  })
})

const word = fc.string({ maxLength: 5, unit: 'grapheme' })
const rawBlock = (): StreamPart => ({ type: 'raw', dialect: 'anthropic', value: { type: 'compaction', content: 'x' } })
const anyPart = fc
  .tuple(fc.constantFrom(...PART_MAKERS, rawBlock), fc.nat(3), word, word)
  .map(([make, block, text, other]) => make(block, text, other))

test('whatever order the parts come in, each delta is in an open block and blocks follow one another', () => {
  fc.assert(
    fc.property(fc.array(anyPart, { maxLength: 30 }), (parts) => {
      const events = eventsOf(encodeStream(parts))
      expect(events.map((event) => event.type).filter((type) => !String(type).startsWith('content_block'))).toEqual([
        'message_start',
        'message_delta',
        'message_stop',
      ])
      let open: unknown
      let next = 0
      for (const { type, index } of events) {
        if (type === 'content_block_start') {
          expect([open, index]).toEqual([undefined, next++])
          open = index
        } else if (type === 'content_block_delta') expect(index).toBe(open)
        else if (type === 'content_block_stop') {
          expect(index).toBe(open)
          open = undefined
        }
      }
      expect(open).toBeUndefined()
      expect(spoken(decodeStream(encodeStream(parts)).parts, ['text-delta'])).toBe(
        spoken(parts, ['text-delta', 'refusal-delta']),
      )
    }),
  )
})
