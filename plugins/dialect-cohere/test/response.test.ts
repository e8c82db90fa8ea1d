import type { ChatResponse, Finish, JsonObject, Part } from '@sluice/core'
import { plain, reply, responseOf } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { chat, decodeStream, encodeStream, eventsOf, wire } from './support.ts'

const source = {
  type: 'document',
  id: 'd',
  document: { id: 'd', title: 'Ruby', url: 'https://ruby.example', text: 'A gem.' },
}
const answer = (message: JsonObject, more: JsonObject = {}): JsonObject => ({
  id: 'r1',
  message: { role: 'assistant', ...message },
  finish_reason: 'COMPLETE',
  ...more,
})
const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }

const ANSWERS: { readonly [name: string]: JsonObject } = {
  'a text': answer({ content: [{ type: 'text', text: 'Hi' }] }),
  'several contents': answer({
    content: [
      { type: 'thinking', thinking: '' },
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b', tone: 1 },
    ],
  }),
  'a plan and calls': answer(
    { tool_plan: 'I look.', tool_calls: [call, { ...call, note: 1 }] },
    { finish_reason: 'TOOL_CALL' },
  ),
  'a call without arguments': answer(
    { tool_calls: [{ ...call, function: { name: 'f', arguments: 'null' } }] },
    { finish_reason: 'TOOL_CALL' },
  ),
  citations: answer({
    content: [
      { type: 'thinking', thinking: 'Hm' },
      { type: 'text', text: 'Ruby is old.' },
    ],
    citations: [
      { start: 0, end: 2, text: 'Hm', sources: [], content_index: 0, type: 'THINKING_CONTENT' },
      {
        start: 0,
        end: 4,
        text: 'Ruby',
        sources: [source, { ...source, id: 'e' }],
        content_index: 1,
        type: 'TEXT_CONTENT',
      },
      {
        start: 8,
        end: 11,
        text: 'old',
        sources: [{ type: 'tool', id: 't', tool_output: { x: 1 } }],
        content_index: 1,
        type: 'TEXT_CONTENT',
      },
    ],
  }),
  'citations of older models': answer({
    content: [{ type: 'text', text: 'Ruby' }],
    citations: [{ start: 0, end: 4, text: 'Ruby', sources: [{ type: 'document', id: 'd' }] }],
  }),
  'citations of what is not there': answer({ citations: [{ start: 0, end: 4, content_index: 5 }] }),
  blanks: answer({ content: [], tool_plan: '', tool_calls: [], citations: null }),
  'log probabilities': answer(
    { content: [{ type: 'text', text: 'Hi' }] },
    { logprobs: [{ text: 'Hi', token_ids: [1], logprobs: [-0.1] }] },
  ),
  'fields of the future': answer({ content: [{ type: 'text', text: 'Hi' }], mood: 'good' }, { seed: 7, meta: {} }),
  'a reason of the future': answer({ content: [] }, { finish_reason: 'TIRED' }),
  'a time-out': answer({ content: [{ type: 'text', text: 'Half' }] }, { finish_reason: 'TIMEOUT' }),
  usage: answer(
    { content: [] },
    {
      usage: {
        billed_units: { input_tokens: 5, output_tokens: 2, search_units: 1 },
        tokens: { input_tokens: 500, output_tokens: 4 },
        cached_tokens: 464,
      },
    },
  ),
  'usage that counts nothing': answer({ content: [] }, { usage: {} }),
}

describe('an answer of Cohere', () => {
  test.each(Object.entries(ANSWERS))('with %s comes out as it went in', (_, body) => {
    expect(plain(chat.encodeResponse(chat.decodeResponse(body), reply))).toEqual(body)
  })

  test('cites on the texts, with the first source', () => {
    const { parts } = chat.decodeResponse(ANSWERS['citations']!).choices[0]!
    expect(parts[1]).toMatchObject({
      citations: [
        { url: 'https://ruby.example', title: 'Ruby', start: 0, end: 4 },
        { start: 8, end: 11 },
      ],
    })
  })

  test.each<[string, JsonObject, Finish['unified']]>([
    ['COMPLETE', {}, 'stop'],
    ['STOP_SEQUENCE', {}, 'stop-sequence'],
    ['MAX_TOKENS', {}, 'length'],
    ['TOOL_CALL', {}, 'tool-calls'],
    ['ERROR', {}, 'error'],
    ['TIMEOUT', {}, 'error'],
    ['TIRED', {}, 'other'],
  ])('that ended with %s', (raw, message, unified) => {
    const { finish } = chat.decodeResponse(answer(message, { finish_reason: raw })).choices[0]!
    expect(finish).toEqual({ unified, raw })
  })

  test.each<[string, JsonObject, object]>([
    ['nothing', {}, { code: 'upstream_error' }],
    ['another dialect', { choices: [] }, { code: 'upstream_error' }],
    ['a refusal', { id: 'e', message: 'out of order' }, { code: 'upstream_error', message: 'out of order' }],
    ['an error', { error: { message: 'broken' } }, { code: 'upstream_error', message: 'broken' }],
    [
      'a failed generation',
      answer({}, { finish_reason: 'ERROR', error: 'bad tools', error_type: 'X' }),
      { message: 'bad tools', upstream: { type: 'X' } },
    ],
  ])('that is %s is an error', (_, body, expected) => {
    expect(() => chat.decodeResponse(body)).toThrow(
      expect.objectContaining({
        ...expected,
        ...('upstream' in expected && { upstream: expect.objectContaining(expected.upstream) }),
      }),
    )
  })
})

test('an answer that calls tools and ends with a plain stop calls tools, and goes out as it came', () => {
  const message = {
    role: 'assistant',
    tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
  }
  const body = { id: 'r1', finish_reason: 'COMPLETE', message }
  const response = chat.decodeResponse(body)
  expect(response.choices[0]!.finish).toEqual({ unified: 'tool-calls', raw: 'COMPLETE' })
  expect(plain(chat.encodeResponse(response, reply))).toEqual(body)

  const stream = wire(
    { type: 'message-start', id: 'r1', delta: { message: { role: 'assistant' } } },
    { type: 'tool-call-start', index: 0, delta: { message: { tool_calls: message.tool_calls[0] } } },
    { type: 'tool-call-end', index: 0 },
    { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: {} } },
  )
  const { parts } = decodeStream(stream)
  expect(parts).toContainEqual({ type: 'finish', finish: { unified: 'tool-calls', raw: 'COMPLETE' } })
  expect(eventsOf(encodeStream(parts)).at(-1)).toMatchObject({ delta: { finish_reason: 'COMPLETE' } })
})

describe('an answer of another dialect', () => {
  const encode = (parts: Part[], more?: Partial<ChatResponse>, finish?: Finish): JsonObject =>
    plain(chat.encodeResponse(responseOf(parts, finish, more), reply))

  test('has Cohere’s form, with the id of the exchange if it brought none', () => {
    expect(encode([{ type: 'text', text: 'Hi' }])).toEqual({
      id: 'x1',
      message: { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] },
      finish_reason: 'COMPLETE',
    })
    expect(encode([], { id: 'chatcmpl-1', model: 'gpt', created: 1 })).toMatchObject({
      id: 'chatcmpl-1',
      message: { content: [] },
    })
  })

  test('has a list as content, whatever the other dialect kept of its own', () => {
    const extensions = { x: { annotations: [] } }
    const choice = {
      index: 0,
      parts: [{ type: 'text' as const, text: 'Hi', extensions }],
      finish: { unified: 'stop' as const },
      extensions,
    }
    expect(encode([], { choices: [choice], extensions })).toEqual({
      id: 'x1',
      message: { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] },
      finish_reason: 'COMPLETE',
    })
  })

  test('has only the first of several choices, and none of none', () => {
    const choice = (index: number) => ({
      index,
      parts: [{ type: 'text' as const, text: String(index) }],
      finish: { unified: 'stop' as const },
    })
    expect(encode([], { choices: [choice(0), choice(1)] })).toMatchObject({ message: { content: [{ text: '0' }] } })
    expect(encode([], { choices: [] })).toMatchObject({ message: { content: [] }, finish_reason: 'COMPLETE' })
  })

  test.each<[string, Part[], JsonObject]>([
    [
      'thoughts',
      [{ type: 'reasoning', text: 'Hm', summary: true }],
      { content: [{ type: 'thinking', thinking: 'Hm' }] },
    ],
    ['refusals as text', [{ type: 'refusal', text: 'No.' }], { content: [{ type: 'text', text: 'No.' }] }],
    [
      'sound in words',
      [{ type: 'audio', source: { kind: 'file', id: 'a' }, transcript: 'La' }],
      { content: [{ type: 'text', text: 'La' }] },
    ],
    [
      'no images and files',
      [
        { type: 'image', source: { kind: 'url', url: 'u' } },
        { type: 'file', source: { kind: 'text', text: 't' } },
        { type: 'video', source: { kind: 'url', url: 'u' } },
      ],
      { content: [] },
    ],
    ['no blocks of others', [{ type: 'raw', dialect: 'x', value: { type: 'y' } }], { content: [] }],
    [
      'text before calls',
      [
        { type: 'text', text: 'Look:' },
        { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' },
      ],
      {
        content: [{ type: 'text', text: 'Look:' }],
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    ],
    [
      'citations',
      [
        { type: 'reasoning', text: 'Hm' },
        {
          type: 'text',
          text: 'Ruby',
          citations: [{ url: 'u', title: 't', quote: 'q', start: 0, end: 2 }, { title: 't' }],
        },
      ],
      {
        content: [
          { type: 'thinking', thinking: 'Hm' },
          { type: 'text', text: 'Ruby' },
        ],
        citations: [
          {
            start: 0,
            end: 2,
            text: 'Ru',
            sources: [{ type: 'document', id: 'u', document: { id: 'u', title: 't', url: 'u', text: 'q' } }],
            content_index: 1,
            type: 'TEXT_CONTENT',
          },
          {
            sources: [{ type: 'document', id: 't', document: { id: 't', title: 't' } }],
            content_index: 1,
            type: 'TEXT_CONTENT',
          },
        ],
      },
    ],
  ])('carries %s', (_, parts, message) => {
    expect(encode(parts).message).toEqual({ role: 'assistant', ...message })
  })

  test.each<[Finish, Part[], string]>([
    [{ unified: 'stop', raw: 'end_turn' }, [], 'COMPLETE'],
    [{ unified: 'stop' }, [{ type: 'tool-call', id: 'c', name: 'f', arguments: '{}' }], 'TOOL_CALL'],
    [{ unified: 'stop-sequence', stopSequence: 'x' }, [], 'STOP_SEQUENCE'],
    [{ unified: 'length' }, [], 'MAX_TOKENS'],
    [{ unified: 'tool-calls' }, [], 'TOOL_CALL'],
    [{ unified: 'content-filter' }, [], 'ERROR'],
    [{ unified: 'refusal' }, [], 'COMPLETE'],
    [{ unified: 'error', raw: 'TIMEOUT' }, [], 'TIMEOUT'],
    [{ unified: 'other', raw: 'weird' }, [], 'COMPLETE'],
  ])('that ended with %j', (finish, parts, reason) => {
    expect(encode(parts, {}, finish).finish_reason).toBe(reason)
  })

  test('has no log probabilities, which are in another form', () => {
    const choice = { index: 0, parts: [], finish: { unified: 'stop' as const }, logprobs: { content: [] } }
    expect(encode([], { choices: [choice] })).not.toHaveProperty('logprobs')
  })
})
