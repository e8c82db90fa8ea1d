import type { JsonObject } from '@sluice/core'
import { sseFrame } from '@sluice/dialect-kit'
import { describe, expect, test } from 'vitest'
import { closed, decode, delta, finished, opened, started, stopped, typesOf } from './events.ts'
import { chat, decodeStream, wire } from './support.ts'

describe('reading a stream', () => {
  test('the counts of its end replace those of its start, and come once', () => {
    const { parts, whole } = decode(
      started,
      finished(null, { output_tokens: 3 }),
      finished('end_turn', { output_tokens: 7, input_tokens: null }),
      finished('end_turn'),
      stopped,
    )
    expect(whole).toBe(true)
    expect(typesOf(parts)).toEqual(['start', 'finish', 'usage'])
    expect(parts[2]).toMatchObject({
      usage: { input: { total: 15, cacheRead: 5 }, output: { total: 7 }, raw: { input_tokens: 10, output_tokens: 7 } },
    })
  })

  test('is cut off before its finish, and tells what it has cost so far', () => {
    const { parts, whole } = decode(
      started,
      opened(0, { type: 'text', text: '' }),
      delta(0, { type: 'text_delta', text: 'A' }),
    )
    expect(whole).toBe(false)
    expect(parts.at(-1)).toMatchObject({ type: 'usage', usage: { input: { total: 15 } } })
  })

  test('is whole with its finish or its stop', () => {
    expect(decode(started, finished('end_turn')).whole).toBe(true)
    expect(decode(started, stopped).whole).toBe(true)
    expect(decode().whole).toBe(false)
  })

  test('a call without arguments has empty ones', () => {
    const calls = (input: JsonObject, ...deltas: string[]) =>
      decode(
        started,
        opened(0, { type: 'tool_use', id: 'a', name: 'f', input }),
        ...deltas.map((partial_json) => delta(0, { type: 'input_json_delta', partial_json })),
        closed(0),
      )
        .parts.filter((part) => part.type === 'tool-call-delta')
        .map((part) => part.arguments)
    expect(calls({})).toEqual(['{}'])
    expect(calls({}, '')).toEqual(['{}'])
    expect(calls({ a: 1 })).toEqual(['{"a":1}'])
    expect(calls({}, '', '{"b":', '2}')).toEqual(['{"b":', '2}'])
  })

  test('a call whose block is never closed has its empty arguments all the same', () => {
    const { parts } = decode(
      started,
      opened(0, { type: 'tool_use', id: 'a', name: 'f', input: {} }),
      finished('tool_use'),
    )
    expect(typesOf(parts)).toEqual(['start', 'tool-call-start', 'tool-call-delta', 'finish', 'usage'])
  })

  test('pings and empty deltas say nothing, wherever they come', () => {
    const ping = { type: 'ping' }
    const { parts } = decode(
      ping,
      started,
      ping,
      opened(0, { type: 'text', text: '' }),
      delta(0, { type: 'text_delta', text: '' }),
      ping,
      delta(0, { type: 'text_delta', text: 'A' }),
      closed(0),
      finished('end_turn'),
      ping,
      stopped,
    )
    expect(typesOf(parts)).toEqual(['start', 'text-delta', 'finish', 'usage'])
  })

  test('text that stands in a block’s start is not lost', () => {
    const { parts } = decode(
      started,
      opened(0, { type: 'thinking', thinking: 'Hm' }),
      opened(1, { type: 'text', text: 'A' }),
    )
    expect(parts.slice(1, 3)).toEqual([
      { type: 'reasoning-delta', block: 0, text: 'Hm' },
      { type: 'text-delta', block: 1, text: 'A' },
    ])
  })

  test('a server tool’s call comes as one whole block, not as a call for the client', () => {
    const block = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
    const json = (partial_json: string) => delta(0, { type: 'input_json_delta', partial_json })
    const { parts } = decode(started, opened(0, block), json(''), json('{"query":'), json('"q"}'), closed(0))
    expect(parts[1]).toEqual({ type: 'raw', dialect: 'anthropic', value: { ...block, input: { query: 'q' } } })
  })

  test('a block that nobody knows is put together from its deltas', () => {
    const more = (content: string) => delta(0, { type: 'compaction_delta', content })
    const { parts } = decode(
      started,
      opened(0, { type: 'compaction', content: null }),
      more('So '),
      more('far'),
      closed(0),
    )
    expect(parts[1]).toMatchObject({ value: { type: 'compaction', content: 'So far' } })
  })

  test('a block that nobody knows is bounded', () => {
    const reader = chat.stream.reader()
    const push = (event: JsonObject) => reader.push(Buffer.from(wire(event)), [])
    push(opened(0, { type: 'server_tool_use' }))
    const big = delta(0, { type: 'input_json_delta', partial_json: 'x'.repeat(1_000_000) })
    expect(() => Array.from({ length: 10 }, () => push(big))).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    )
  })

  test('an error inside it keeps the provider’s words', () => {
    const { parts } = decode(started, {
      type: 'error',
      error: { type: 'overloaded_error', message: 'Overloaded' },
      request_id: 'req_1',
    })
    expect(parts[1]).toMatchObject({
      type: 'error',
      error: {
        code: 'upstream_error',
        status: 529,
        message: 'Overloaded',
        upstream: { type: 'overloaded_error', requestId: 'req_1' },
      },
    })
  })

  test.each(['[DONE]', '', 'null', '[]', '{}', '<html>'])('an event of %j is the upstream’s error', (data) => {
    expect(() => decodeStream(sseFrame(data))).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('what follows its stop does not count', () => {
    expect(decodeStream(`${wire(started, finished('end_turn'), stopped)}data: [DONE]\n\n`).whole).toBe(true)
  })

  test('names of events may be missing from the data or from the frame', () => {
    const events = [
      started,
      opened(0, { type: 'text' }),
      delta(0, { type: 'text_delta', text: 'A' }),
      finished('end_turn'),
      stopped,
    ]
    const { parts } = decode(...events)
    const nameless = events.map((event) => sseFrame(JSON.stringify(event)))
    const typeless = events.map(({ type, ...event }) => sseFrame(JSON.stringify(event), type))
    for (const frames of [nameless, typeless]) expect(decodeStream(frames.join('')).parts).toEqual(parts)
  })
})

describe('judging the first events of a stream', () => {
  const probe = (event: JsonObject, named = true) =>
    chat.stream.prober()(Buffer.from(named ? wire(event) : sseFrame(JSON.stringify(event))))

  test.each([true, false])('content settles it, start and ping do not (events named: %s)', (named) => {
    expect(probe(started, named)).toBe('more')
    expect(probe({ type: 'ping' }, named)).toBe('more')
    expect(probe(opened(0, { type: 'text', text: '' }), named)).toBe('ok')
    expect(probe(delta(0, { type: 'text_delta', text: 'an "error", a "ping", a "message_start"' }), named)).toBe('ok')
    expect(probe(finished('refusal'), named)).toBe('ok')
  })

  test('an error inside a 200 is one, also without its name', () => {
    const error = { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } }
    expect(probe(error)).toMatchObject({ code: 'rate_limit_exceeded', status: 429 })
    expect(probe({ error: { message: 'No.' } }, false)).toMatchObject({ code: 'upstream_error' })
    expect(chat.stream.prober()(Buffer.from('data: <html>\n\n'))).toMatchObject({ code: 'upstream_error' })
  })
})
