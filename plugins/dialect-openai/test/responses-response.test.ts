import { GatewayError } from '@sluice/core'
import type { ChatResponse, Finish, JsonObject, Part } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { chat } from '../src/chat/index.ts'
import { openaiResponses } from '../src/index.ts'
import { responses } from '../src/responses/index.ts'
import { answerFrom, contextOf, encodeAnswer, outputOf } from './responses-support.ts'

const item = (more: JsonObject): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  ...more,
})
const text = (said: string, more: JsonObject = {}): JsonObject => ({
  type: 'output_text',
  annotations: [],
  logprobs: [],
  text: said,
  ...more,
})
const answer = (output: unknown[], more: JsonObject = {}): JsonObject => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  error: null,
  incomplete_details: null,
  model: 'm',
  output,
  usage: null,
  ...more,
})
const call = { id: 'fc_1', type: 'function_call', status: 'completed', call_id: 'c', name: 'f', arguments: '{}' }

describe('an answer comes back as it was', () => {
  const cases: { [name: string]: JsonObject } = {
    'two messages': answer([
      item({ phase: 'commentary', content: [text('a'), text('b')] }),
      item({ id: 'msg_2', phase: 'final_answer', content: [{ type: 'refusal', refusal: 'no' }] }),
      item({ id: 'msg_3', content: [] }),
    ]),
    'citations and probabilities': answer([
      item({
        content: [
          text('a', {
            annotations: [
              { type: 'url_citation', start_index: 0, end_index: 1, title: 't', url: 'https://x' },
              { type: 'url_citation', url: 'https://y' },
              { type: 'container_file_citation', file_id: 'f', filename: 'n', start_index: 0, end_index: 1 },
            ],
            logprobs: [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }],
          }),
        ],
      }),
    ]),
    'thoughts, calls and server tools': answer([
      { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 't' }], encrypted_content: 'gAAA' },
      {
        id: 'rs_2',
        type: 'reasoning',
        summary: [],
        content: [{ type: 'reasoning_text', text: 't' }],
        status: 'completed',
      },
      { ...call, namespace: 'n' },
      { ...call, id: 'fc_2', call_id: 'd', arguments: '' },
      { id: 'ctc_1', type: 'custom_tool_call', call_id: 'e', name: 'c', input: '{free' },
      { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } },
    ]),
    'cut off': answer([item({ status: 'incomplete', content: [text('a')] })], {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3, input_tokens_details: { cached_tokens: 1 } },
    }),
    queued: answer([], { status: 'queued', background: true }),
    'with no status': { id: 'r', object: 'response', output: [], model: 'm', extra: 1 },
  }
  test.each(Object.entries(cases))('%s', (_, body) => {
    expect(encodeAnswer(responses.decodeResponse(body))).toEqual(body)
  })
})

describe('an answer as other dialects see it', () => {
  const partsOf = (output: unknown[]): Part[] => responses.decodeResponse(answer(output)).choices[0]!.parts

  test('texts, thoughts and calls', () => {
    const output = [
      { type: 'reasoning', id: 'rs', summary: [{ text: 'a' }, { text: 'b' }] },
      { type: 'reasoning', id: 'rt', summary: [], content: [{ type: 'reasoning_text', text: 'c' }] },
      item({ content: [text('d'), { type: 'refusal', refusal: 'e' }] }),
      call,
      { type: 'custom_tool_call', call_id: 'x', name: 'g', input: 'free' },
    ]
    const parts = partsOf(output).map(({ extensions: _, ...part }) => part)
    expect(parts).toEqual([
      { type: 'reasoning', text: 'a\n\nb', summary: true },
      { type: 'reasoning', text: 'c' },
      { type: 'text', text: 'd' },
      { type: 'refusal', text: 'e' },
      { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' },
      { type: 'tool-call', id: 'x', name: 'g', arguments: 'free', kind: 'custom' },
    ])
  })

  test.each<[JsonObject, unknown[], Finish]>([
    [{}, [], { unified: 'stop', raw: 'completed' }],
    [{}, [call], { unified: 'tool-calls', raw: 'completed' }],
    [{}, [item({ content: [{ type: 'refusal', refusal: 'no' }] })], { unified: 'refusal', raw: 'completed' }],
    [
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      [call],
      { unified: 'length', raw: 'max_output_tokens' },
    ],
    [
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      [],
      { unified: 'content-filter', raw: 'content_filter' },
    ],
    [{ status: 'incomplete', incomplete_details: { reason: 'steered' } }, [], { unified: 'other', raw: 'steered' }],
    [{ status: 'cancelled' }, [], { unified: 'other', raw: 'cancelled' }],
    [{ status: undefined }, [], { unified: 'other' }],
  ])('%j with %j ends as %j', (fields, output, finish) => {
    expect(responses.decodeResponse(answer(output, fields)).choices[0]!.finish).toEqual(finish)
  })

  test('usage is counted once', () => {
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 17,
    }
    expect(responses.decodeResponse(answer([], { usage })).usage).toEqual({
      input: { total: 10, cacheRead: 4, cacheWrite: 3 },
      output: { total: 7, reasoning: 5 },
      raw: usage,
    })
  })

  test('probabilities have the form that clients of the chat API know', () => {
    const logprobs = [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }]
    const decoded = responses.decodeResponse(answer([item({ content: [text('a', { logprobs })] })]))
    const [choice] = chat.encodeResponse(decoded, contextOf()).choices as JsonObject[]
    expect(choice!.logprobs).toEqual({ content: logprobs, refusal: null })
  })
})

describe('an answer that is none', () => {
  test.each<[string, JsonObject, JsonObject]>([
    [
      'an error',
      { error: { message: 'slow down', code: 'rate_limit_exceeded' } },
      { code: 'rate_limit_exceeded', status: 429 },
    ],
    [
      'a response that failed',
      answer([], { status: 'failed', error: { code: 'server_error', message: 'oops' } }),
      { code: 'upstream_error', message: 'oops' },
    ],
    ['a failure without words', answer([], { status: 'failed' }), { code: 'upstream_error' }],
    ['a chat completion', { object: 'chat.completion', choices: [] }, { code: 'upstream_error' }],
  ])('%s is refused', (_, body, error) => {
    expect(() => responses.decodeResponse(body)).toThrow(expect.objectContaining(error))
  })
})

describe('an answer of another dialect', () => {
  const of = (parts: Part[], more: Partial<ChatResponse> = {}): ChatResponse => answerFrom('anthropic', parts, more)

  test('has the whole form that SDKs know, and says what was asked', () => {
    const tools = [{ type: 'function', name: 'f', parameters: {}, strict: true }]
    const body = encodeAnswer(
      of([{ type: 'text', text: 'Hi' }], {
        model: 'claude',
        created: 5,
        usage: { input: { total: 3, cacheRead: 1, cacheWrite: 1 }, output: { total: 2, reasoning: 1 } },
      }),
      { instructions: 'Be brief.', tools, tool_choice: 'auto', temperature: 0.5, metadata: { a: 'b' }, user: 'u' },
    )
    expect(body).toEqual({
      id: 'resp_x1',
      object: 'response',
      created_at: 5,
      completed_at: expect.any(Number) as number,
      status: 'completed',
      background: false,
      error: null,
      incomplete_details: null,
      instructions: 'Be brief.',
      max_output_tokens: null,
      max_tool_calls: null,
      metadata: { a: 'b' },
      model: 'claude',
      output: [item({ id: 'msg_x1_0', content: [text('Hi')] })],
      parallel_tool_calls: true,
      previous_response_id: null,
      prompt_cache_key: null,
      reasoning: { effort: null, summary: null },
      safety_identifier: null,
      service_tier: 'auto',
      store: false,
      temperature: 0.5,
      text: { format: { type: 'text' } },
      tool_choice: 'auto',
      tools,
      top_logprobs: 0,
      top_p: null,
      truncation: 'disabled',
      usage: {
        input_tokens: 3,
        input_tokens_details: { cached_tokens: 1, cache_write_tokens: 1 },
        output_tokens: 2,
        output_tokens_details: { reasoning_tokens: 1 },
        total_tokens: 5,
      },
      user: 'u',
    })
  })

  test('texts in a row are one message; ids are unique and short', () => {
    const output = outputOf(
      encodeAnswer(
        of([
          { type: 'text', text: 'a', citations: [{ url: 'https://x' }, { quote: 'no address' }] },
          { type: 'refusal', text: 'b' },
          { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' },
          { type: 'tool-call', id: 'd', name: 'g', arguments: 'free', kind: 'custom' },
          { type: 'text', text: 'e' },
        ]),
      ),
    )
    expect(output).toMatchObject([
      { id: 'msg_x1_0', content: [{ text: 'a', annotations: [{ url: 'https://x', title: '' }] }, { refusal: 'b' }] },
      { id: 'fc_x1_1', type: 'function_call', call_id: 'c', arguments: '{}', status: 'completed' },
      { id: 'ctc_x1_2', type: 'custom_tool_call', call_id: 'd', input: 'free' },
      { id: 'msg_x1_3', content: [{ text: 'e' }] },
    ])
  })

  test.each<[Finish, JsonObject]>([
    [
      { unified: 'stop', raw: 'end_turn' },
      { status: 'completed', incomplete_details: null },
    ],
    [{ unified: 'tool-calls' }, { status: 'completed' }],
    [{ unified: 'refusal' }, { status: 'completed' }],
    [
      { unified: 'length', raw: 'max_tokens' },
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
    ],
    [{ unified: 'content-filter' }, { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }],
    [{ unified: 'error' }, { status: 'failed', error: { code: 'server_error' } }],
    [{ unified: 'other', raw: 'weird' }, { status: 'completed' }],
  ])('that ended as %j', (finish, fields) => {
    const parts: Part[] = [{ type: 'text', text: 'a' }]
    expect(encodeAnswer(of([], { choices: [{ index: 0, parts, finish }] }))).toMatchObject(fields)
  })

  test('probabilities stand with the text', () => {
    const content = [{ token: 'a', logprob: -1, bytes: null, top_logprobs: [] }]
    const parts: Part[] = [{ type: 'text', text: 'a' }]
    const choices = [{ index: 0, parts, finish: { unified: 'stop' as const }, logprobs: { content, refusal: null } }]
    expect(outputOf(encodeAnswer(of([], { choices })))[0]!.content).toEqual([text('a', { logprobs: content })])
  })

  test('what was spoken is written, and what only others know is left out', () => {
    const parts: Part[] = [
      { type: 'raw', dialect: 'anthropic', value: { type: 'server_tool_use' } },
      { type: 'audio', source: { kind: 'base64', data: 'QQ==', mediaType: 'audio/wav' }, transcript: 'Hello' },
    ]
    expect(outputOf(encodeAnswer(of(parts)))).toMatchObject([{ type: 'message', content: [text('Hello')] }])
  })
})

describe('errors', () => {
  test('one that an upstream of this API wrote goes out as it came', () => {
    const body = { error: { message: 'no', type: 'invalid_request_error', param: 'input', code: 'x' } }
    const error = openaiResponses.decodeError(400, {}, body)
    expect(error).toMatchObject({ code: 'invalid_request', upstream: { dialect: 'openai-responses' } })
    expect(openaiResponses.encodeError(error, 'r')).toBe(body)
  })

  test('in a stream it is told in both of the ways that clients look for', () => {
    const error = new GatewayError('rate_limit_exceeded', 'Slow down.')
    const frames = (openaiResponses.encodeStreamError(error, 'x1') as string).split('\n\n').slice(0, -1)
    const [event, failed] = frames.map((frame) => JSON.parse(frame.split('\ndata: ')[1]!) as JsonObject)
    const fault = { code: 'rate_limit_exceeded', message: 'Slow down.' }
    expect(event).toMatchObject({ type: 'error', ...fault, error: fault })
    expect(failed).toMatchObject({
      type: 'response.failed',
      response: { id: 'resp_x1', status: 'failed', error: fault },
    })
    expect(frames.map((frame) => frame.split('\n')[0])).toEqual(['event: error', 'event: response.failed'])
  })
})
