import type { ChatResponse, Finish, JsonObject, Part } from '@sluice/core'
import { CLAUDE_ENDINGS, CLAUDE_STOPS, plain, reply, responseOf, survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chat } from './support.ts'

const usage = { input_tokens: 5, cache_creation_input_tokens: 20, cache_read_input_tokens: 300, output_tokens: 7 }
const message: JsonObject = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-4-8',
  content: [{ type: 'text', text: 'Hi' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage,
}

const roundTrip = (body: JsonObject): JsonObject => plain(chat.encodeResponse(chat.decodeResponse(body), reply))

describe('an Anthropic answer for an Anthropic client goes out as it came', () => {
  const bodies: { [what: string]: JsonObject } = {
    'a text': message,
    'every kind of block': {
      ...message,
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'redacted_thinking', data: 'ZGF0YQ==' },
        { type: 'text', text: '', citations: null },
        {
          type: 'text',
          text: 'A',
          citations: [
            {
              type: 'page_location',
              cited_text: 'c',
              document_index: 0,
              document_title: null,
              file_id: null,
              start_page_number: 1,
              end_page_number: 2,
            },
          ],
        },
        { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: [1] }, caller: { type: 'direct' } },
        { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } },
        {
          type: 'web_search_tool_result',
          tool_use_id: 's',
          content: [{ type: 'web_search_result', url: 'u', title: 't' }],
        },
        { type: 'compaction', content: 'So far …' },
      ],
      stop_reason: 'tool_use',
    },
    'a stop sequence': { ...message, stop_reason: 'stop_sequence', stop_sequence: 'END' },
    'fields that nobody knows': {
      ...message,
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: null, explanation: null },
      container: { id: 'c', expires_at: '2026-01-01T00:00:00Z' },
      context_management: null,
      usage: {
        ...usage,
        service_tier: 'standard',
        server_tool_use: { web_search_requests: 1 },
        output_tokens_details: { thinking_tokens: 3 },
        cache_creation: null,
      },
    },
    'a stop reason that nobody knows': { ...message, stop_reason: 'compaction' },
    'a stop for want of context': { ...message, stop_reason: 'model_context_window_exceeded' },
  }
  for (const [what, body] of Object.entries(bodies)) test(what, () => expect(roundTrip(body)).toEqual(body))
})

describe('an answer means in the canonical model what it says', () => {
  test('tokens are counted with the cached ones, and thinking within the output', () => {
    const counted = chat.decodeResponse({
      ...message,
      usage: { ...usage, output_tokens_details: { thinking_tokens: 3 } },
    }).usage
    expect(counted).toMatchObject({
      input: { total: 325, cacheRead: 300, cacheWrite: 20 },
      output: { total: 7, reasoning: 3 },
    })
  })

  test.each(CLAUDE_STOPS)('%s is %s', (raw, unified) => {
    expect(chat.decodeResponse({ ...message, stop_reason: raw }).choices[0]!.finish).toEqual({ unified, raw })
  })

  test('citations have address, title and quote', () => {
    const citation = {
      type: 'web_search_result_location',
      url: 'https://example.com',
      title: 'T',
      cited_text: 'c',
      encrypted_index: 'i',
    }
    const [part] = chat.decodeResponse({ ...message, content: [{ type: 'text', text: 'A', citations: [citation] }] })
      .choices[0]!.parts
    expect(part).toMatchObject({ citations: [{ url: 'https://example.com', title: 'T', quote: 'c' }] })
  })
})

describe('an upstream’s garbage', () => {
  test('is an error of the upstream if it is no message', () => {
    for (const body of [{}, { choices: [] }, { type: 'x', content: 'Hi' }]) {
      expect(() => chat.decodeResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    }
  })

  test('is the error that it is', () => {
    const body = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    expect(() => chat.decodeResponse(body)).toThrow(
      expect.objectContaining({ code: 'upstream_error', status: 529, message: 'Overloaded' }),
    )
  })

  test('is taken as absent where a field is of the wrong type', () => {
    const body = {
      type: 'message',
      id: 1,
      model: null,
      content: [null, 'x', { type: 'text', text: 5 }, { type: 'tool_use' }],
      usage: [],
      stop_reason: 3,
    }
    expect(chat.decodeResponse(body)).toMatchObject({
      choices: [
        {
          parts: [
            { type: 'text', text: '' },
            { type: 'tool-call', id: '', name: '', arguments: '{}' },
          ],
          finish: { unified: 'other' },
        },
      ],
    })
  })

  test('whatever it is, nothing but an error of the upstream is thrown', () => {
    const block = fc.oneof(
      fc.jsonValue(),
      fc.record({
        type: fc.constantFrom('text', 'thinking', 'tool_use', 'x'),
        text: fc.jsonValue(),
        citations: fc.jsonValue(),
        input: fc.jsonValue(),
      }),
    )
    const body = fc.record({
      type: fc.constantFrom('message', 'error', 'x'),
      content: fc.oneof(fc.jsonValue(), fc.array(block)),
      usage: fc.jsonValue(),
      stop_reason: fc.jsonValue(),
    })
    fc.assert(
      fc.property(body, (value) => {
        survives(() => roundTrip(value), 'upstream_error')
      }),
    )
  })
})

describe('an answer of another dialect', () => {
  const answer = (parts: Part[], finish: Finish, more?: Partial<ChatResponse>): JsonObject =>
    plain(chat.encodeResponse(responseOf(parts, finish, more), reply))

  test('becomes a message, with an id and the model asked for where it has none', () => {
    expect(answer([{ type: 'text', text: 'Hi' }], { unified: 'stop', raw: 'STOP' })).toEqual({
      id: 'msg_x1',
      type: 'message',
      role: 'assistant',
      model: 'asked-for',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
    })
  })

  test('has its tokens counted as Anthropic does', () => {
    const counts = {
      input: { total: 100, cacheRead: 30, cacheWrite: 20 },
      output: { total: 9, reasoning: 4 },
      raw: { prompt_tokens: 100 },
    }
    expect(answer([], { unified: 'stop' }, { usage: counts }).usage).toEqual({
      input_tokens: 50,
      cache_read_input_tokens: 30,
      cache_creation_input_tokens: 20,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
    })
  })

  test('has blocks for what it holds', () => {
    const parts: Part[] = [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'A', citations: [{ url: 'https://example.com', title: 'T' }, { quote: 'no address' }] },
      { type: 'audio', source: { kind: 'base64', data: 'AA==', mediaType: 'audio/wav' }, transcript: 'spoken' },
      { type: 'image', source: { kind: 'url', url: 'u' } },
      { type: 'raw', dialect: 'gemini', value: { executableCode: {} } },
      { type: 'tool-call', id: 'functions.f:0', name: 'f', arguments: 'null' },
      { type: 'tool-call', id: 'call_2', name: 'f', arguments: '{"cut":' },
    ]
    expect(answer(parts, { unified: 'length' }).content).toEqual([
      { type: 'thinking', thinking: 'Hm.', signature: '' },
      {
        type: 'text',
        text: 'A',
        citations: [
          {
            type: 'web_search_result_location',
            url: 'https://example.com',
            title: 'T',
            cited_text: '',
            encrypted_index: '',
          },
        ],
      },
      { type: 'text', text: 'spoken' },
      { type: 'tool_use', id: 'functions.f:0', name: 'f', input: {} },
      { type: 'tool_use', id: 'call_2', name: 'f', input: { INVALID_JSON: '{"cut":' } },
    ])
  })

  const text: Part = { type: 'text', text: 'A' }
  test.each<readonly [string, Part, Finish]>([
    ...CLAUDE_ENDINGS,
    ['refusal', { type: 'refusal', text: 'No.' }, { unified: 'stop' }],
    ['refusal', text, { unified: 'content-filter' }],
    ['pause_turn', text, { unified: 'pause' }],
    ['end_turn', text, { unified: 'error' }],
  ])('stops with %s after %j and %j', (reason, part, finish) => {
    expect(answer([part], finish)).toMatchObject({ stop_reason: reason, stop_sequence: finish.stopSequence ?? null })
  })
})
