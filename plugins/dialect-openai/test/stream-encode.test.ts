import type { ChatRequest, JsonObject, StreamPart, Usage } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { fc, test as property } from './property.ts'
import { decodeChunks, encodeParts } from './support.ts'

const start: StreamPart = { type: 'start', id: 'msg_1', model: 'claude', created: 5 }
const finish = (unified: 'stop' | 'tool-calls', raw?: string): StreamPart => ({
  type: 'finish',
  finish: { unified, ...(raw && { raw }) },
})
const text = (words: string, block = 0): StreamPart => ({ type: 'text-delta', block, text: words })
const usage: Usage = { input: { total: 1, cacheRead: 0, cacheWrite: 0 }, output: { total: 2, reasoning: 0 } }

/** The deltas and finishes that a client reads, without what all chunks repeat. */
const said = (parts: StreamPart[], request: Partial<ChatRequest> = {}): unknown[] =>
  encodeParts([start, ...parts], request).map((chunk) => {
    if (typeof chunk === 'string') return chunk
    const [choice] = chunk.choices as JsonObject[]
    if (choice === undefined) return 'usage'
    return choice.finish_reason === null ? choice.delta : choice.finish_reason
  })

test('every chunk is whole', () => {
  const chunks = encodeParts([start, text('Hi "\n\u2028'), finish('stop', 'end_turn')])
  const envelope = { id: 'msg_1', object: 'chat.completion.chunk', created: 5, model: 'claude' }
  const choice = { index: 0, logprobs: null, finish_reason: null }
  expect(chunks).toEqual([
    { ...envelope, choices: [{ ...choice, delta: { role: 'assistant', content: '' } }] },
    { ...envelope, choices: [{ ...choice, delta: { content: 'Hi "\n\u2028' } }] },
    { ...envelope, choices: [{ ...choice, delta: {}, finish_reason: 'stop' }] },
    '[DONE]',
  ])
})

test('a stream without a start gets an id, a model and a time', () => {
  expect(encodeParts([text('a')])[0]).toMatchObject({ id: 'chatcmpl-x1', model: 'asked', created: expect.any(Number) })
})

test('an answer without content is one all the same', () => {
  expect(said([finish('stop')])).toEqual([{ role: 'assistant', content: '' }, 'stop', '[DONE]'])
  expect(said([])).toEqual([{ role: 'assistant', content: '' }, 'stop', '[DONE]'])
})

test('a choice that nobody finished is finished', () => {
  expect(said([text('a')])).toEqual([{ role: 'assistant', content: '' }, { content: 'a' }, 'stop', '[DONE]'])
})

test('thoughts, their proofs and the text', () => {
  expect(
    said([
      { type: 'reasoning-delta', block: 0, text: 'r' },
      { type: 'reasoning-signature', block: 0, signature: 's' },
      { type: 'reasoning-redacted', block: 1, data: 'd' },
      text('a', 2),
      { type: 'refusal-delta', block: 3, text: 'no' },
      { type: 'audio-delta', block: 4, id: 'i', data: 'QQ==', expiresAt: 9 },
      { type: 'citation', block: 2, citation: { url: 'https://a', title: 't' } },
      { type: 'citation', block: 2, citation: { title: 'a document' } },
      { type: 'raw', dialect: 'anthropic', value: { type: 'server_tool_use' } },
      finish('stop'),
    ]),
  ).toEqual([
    { role: 'assistant', content: '' },
    { reasoning_content: 'r' },
    { reasoning_details: [{ type: 'reasoning.text', signature: 's' }] },
    { reasoning_details: [{ type: 'reasoning.encrypted', data: 'd' }] },
    { content: 'a' },
    { refusal: 'no' },
    { audio: { id: 'i', data: 'QQ==', expires_at: 9 } },
    {
      annotations: [
        { type: 'url_citation', url_citation: { start_index: 0, end_index: 1, title: 't', url: 'https://a' } },
      ],
    },
    'stop',
    '[DONE]',
  ])
})

test('calls are counted by choice, whatever their blocks, and a turn of calls has no text', () => {
  const call = (block: number, id: string, choice?: number): StreamPart[] => [
    { type: 'tool-call-start', block, id, name: 'f', ...(choice && { choice }) },
    { type: 'tool-call-delta', block, arguments: '{}', ...(choice && { choice }) },
  ]
  expect(said([...call(3, 'a'), ...call(5, 'b'), finish('tool-calls', 'tool_use')])).toEqual([
    { role: 'assistant', content: null },
    { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] },
    { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
    { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'f', arguments: '' } }] },
    { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
    'tool_calls',
    '[DONE]',
  ])
  const [, , , second] = encodeParts([start, ...call(0, 'a'), ...call(0, 'b', 1)])
  expect(second).toMatchObject({ choices: [{ index: 1, delta: { role: 'assistant', content: null } }] })
})

test('pieces of a call that never began are not sent', () => {
  expect(said([text('a'), { type: 'tool-call-delta', block: 9, arguments: '{}' }])).not.toContainEqual(
    expect.objectContaining({ tool_calls: expect.anything() }),
  )
})

test('custom calls and proofs of thought', () => {
  const parts: StreamPart[] = [
    { type: 'tool-call-start', block: 0, id: 'a', name: 'f', kind: 'custom', signature: 's' },
    { type: 'tool-call-delta', block: 0, arguments: 'free text' },
  ]
  expect(said(parts).slice(1, 3)).toEqual([
    {
      tool_calls: [
        {
          index: 0,
          id: 'a',
          type: 'custom',
          custom: { name: 'f', input: '' },
          extra_content: { google: { thought_signature: 's' } },
        },
      ],
    },
    { tool_calls: [{ index: 0, custom: { input: 'free text' } }] },
  ])
})

describe('usage', () => {
  const own: Usage = { ...usage, raw: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }
  const parts = (counted: Usage): StreamPart[] => [start, text('a'), { type: 'usage', usage: counted }, finish('stop')]

  test('comes last in a chunk without choices if it was asked for, and null until then', () => {
    const chunks = encodeParts(parts(usage), { includeUsage: true })
    expect(chunks.slice(0, -2).map((chunk) => (chunk as JsonObject).usage)).toEqual([null, null, null])
    expect(chunks.at(-2)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    })
    expect(chunks.at(-1)).toBe('[DONE]')
  })

  test('does not come if it was not', () => {
    expect(JSON.stringify(encodeParts(parts(usage)))).not.toContain('usage')
  })

  test('comes unasked from an upstream that sends it unasked, never in a chunk without choices', () => {
    const chunks = encodeParts(parts(own)) as JsonObject[]
    expect(chunks.at(-2)).toMatchObject({ usage: own.raw, choices: [{ index: 0, delta: {} }] })
  })
})

describe('what only this dialect knows', () => {
  test('goes back: fields of the answer, of a chunk, of the finish, and parts of the content', () => {
    const parts: StreamPart[] = [
      { ...start, extensions: { 'openai-chat': { system_fingerprint: null, x_groq: { id: 'r' } } } },
      text('a'),
      { type: 'raw', dialect: 'openai-chat', value: { object: 'chat.completion.chunk', citations: ['https://a'] } },
      {
        type: 'raw',
        dialect: 'openai-chat',
        value: { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { x: 1 } }] },
      },
      { type: 'raw', dialect: 'openai-chat', value: { type: 'reference', reference_ids: [1] } },
      {
        type: 'finish',
        finish: { unified: 'stop', raw: 'eos' },
        extensions: { 'openai-chat': { native_finish_reason: 'STOP' } },
      },
    ]
    const chunks = encodeParts(parts)
    expect(chunks[0]).toMatchObject({ system_fingerprint: null, x_groq: { id: 'r' } })
    expect(chunks[1]).toMatchObject({ system_fingerprint: null })
    expect(chunks[1]).not.toHaveProperty('x_groq')
    expect(chunks[2]).toMatchObject({ citations: ['https://a'], choices: [] })
    expect(chunks[3]).toMatchObject({ choices: [{ index: 0, delta: { x: 1 } }] })
    expect(chunks[4]).toMatchObject({ choices: [{ delta: { content: [{ type: 'reference', reference_ids: [1] }] } }] })
    expect(chunks[5]).toMatchObject({ choices: [{ finish_reason: 'eos', native_finish_reason: 'STOP' }] })
    expect(decodeChunks(...chunks).parts).toEqual(parts)
  })

  test("another dialect's extensions do not", () => {
    const parts: StreamPart[] = [
      { ...start, extensions: { anthropic: { container: 'c' } } },
      { type: 'finish', finish: { unified: 'tool-calls', raw: 'stop' }, extensions: { anthropic: { x: 1 } } },
    ]
    expect(JSON.stringify(encodeParts(parts))).not.toMatch(/container|"x"/)
    expect(said(parts.slice(1))).toContain('tool_calls')
  })
})

const at = { block: fc.nat(3), choice: fc.constantFrom(0, 1) }
const anyPart: fc.Arbitrary<StreamPart> = fc.oneof(
  fc.record({ type: fc.constant('text-delta' as const), text: fc.string({ unit: 'binary' }), ...at }),
  fc.record({ type: fc.constant('reasoning-delta' as const), text: fc.string(), ...at }),
  fc.record({ type: fc.constant('tool-call-start' as const), id: fc.string(), name: fc.string(), ...at }),
  fc.record({ type: fc.constant('tool-call-delta' as const), arguments: fc.string(), ...at }),
  fc.record({ type: fc.constant('refusal-delta' as const), text: fc.string(), ...at }),
  fc.record({
    type: fc.constant('finish' as const),
    finish: fc.constant({ unified: 'stop' as const }),
    choice: at.choice,
  }),
  fc.constant(start),
)

property(
  'whatever order parts come in, each choice opens once, finishes once, and the stream is whole',
  fc.array(anyPart),
  (parts) => {
    const chunks = encodeParts(parts)
    expect(chunks.pop()).toBe('[DONE]')
    const choices = (chunks as JsonObject[]).flatMap((chunk) => chunk.choices as JsonObject[])
    for (const index of new Set(choices.map((choice) => choice.index))) {
      const own = choices.filter((choice) => choice.index === index)
      expect(own.filter(({ delta }) => (delta as JsonObject).role !== undefined)).toEqual([own[0]])
      expect(own.filter((choice) => choice.finish_reason !== null)).toHaveLength(1)
    }
    expect(decodeChunks(...chunks, '[DONE]').whole).toBe(true)
  },
)
