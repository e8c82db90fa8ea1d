import type { ChatRequest, ChatResponse, JsonObject, StreamPart } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { completions } from '../src/completions/index.ts'
import { chat } from '../src/chat/index.ts'
import { requestOf } from './support.ts'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function encode(request: ChatRequest): { body: JsonObject; dropped: string[] } {
  const dropped: string[] = []
  const body = completions.encodeRequest(request, { model: 'target', drop: (param) => dropped.push(param) })
  return { body: plain(body) as JsonObject, dropped }
}

describe('a request comes through the codec as it was', () => {
  test.each<[string, JsonObject]>([
    ['a text', { prompt: 'Hi' }],
    ['a list of one', { prompt: ['Hi'] }],
    ['texts', { prompt: ['Hi', 'Ho'] }],
    ['token ids', { prompt: [1, 2] }],
    ['lists of token ids', { prompt: [[1, 2], [3]] }],
    ['no text', { prompt: '' }],
    [
      'all settings',
      {
        prompt: 'Hi',
        max_tokens: 5,
        temperature: 0.5,
        top_p: 0.5,
        frequency_penalty: 1,
        presence_penalty: -1,
        seed: 7,
        n: 2,
        user: 'ada',
        stop: ['a', 'b'],
        stream: true,
        stream_options: { include_usage: true },
      },
    ],
    ['what only it has', { prompt: 'Hi', suffix: 'Ho', echo: true, best_of: 3, logprobs: 5, logit_bias: { 5: 1 } }],
    [
      'what says nothing',
      { prompt: 'Hi', suffix: null, echo: false, best_of: 1, logprobs: null, stop: null, stream: false },
    ],
    ['what vendors add', { prompt: 'Hi', top_k: 5, guided_json: {} }],
  ])('%s', (_, fields) => {
    const body = { model: 'target', ...fields }
    expect(encode(completions.decodeRequest(body))).toEqual({ body, dropped: [] })
  })
})

test('another dialect gets a message of a user, and what it would report is what was said', () => {
  const request = completions.decodeRequest({
    model: 'm',
    prompt: 'Hi',
    max_tokens: 5,
    echo: false,
    best_of: 2,
    stop: 'x',
  })
  expect(request).toMatchObject({
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    maxTokens: 5,
    stop: ['x'],
  })
  const dropped: string[] = []
  const body = chat.encodeRequest(request, { model: 'm', drop: (param) => dropped.push(param) })
  expect(plain(body)).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'Hi' }],
    max_completion_tokens: 5,
    stop: ['x'],
  })
  expect(dropped).toEqual(['best_of'])
})

describe('from other dialects', () => {
  test('instructions and question make one prompt', () => {
    const request = requestOf({
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
      ],
    })
    expect(encode(request)).toEqual({ body: { model: 'target', prompt: 'Be brief.\n\nHi' }, dropped: [] })
  })

  test('a conversation is refused', () => {
    const request = requestOf({ messages: [{ role: 'assistant', parts: [] }] })
    expect(() => encode(request)).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'messages' }))
  })

  test('media are refused', () => {
    const request = requestOf({
      messages: [{ role: 'user', parts: [{ type: 'image', source: { kind: 'url', url: 'u' } }] }],
    })
    expect(() => encode(request)).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'messages' }))
  })

  test('what the API has no word for is reported', () => {
    const request = requestOf({
      messages: [
        {
          role: 'user',
          parts: [{ type: 'text', text: 'Hi', cache: {} }],
        },
      ],
      tools: [],
      toolChoice: { type: 'auto' },
      reasoning: { effort: 'low' },
      responseFormat: { type: 'json' },
      topK: 5,
      metadata: {},
      serviceTier: 'flex',
      extensions: { other: { field: 1 } },
    })
    expect(encode(request).dropped.sort()).toEqual(
      'cache_control field metadata reasoning response_format service_tier tool_choice tools top_k'.split(' '),
    )
  })

  test('an answer is a text, and its thoughts are not part of it', () => {
    const response: ChatResponse = {
      operation: 'chat',
      choices: [
        {
          index: 0,
          parts: [
            { type: 'reasoning', text: 'Hm.' },
            { type: 'text', text: 'A' },
            { type: 'text', text: 'B' },
          ],
          finish: { unified: 'length' },
          logprobs: { content: [] },
        },
      ],
      usage: { input: { total: 1, cacheRead: 0, cacheWrite: 0 }, output: { total: 2, reasoning: 0 } },
      extensions: {},
    }
    expect(completions.encodeResponse(response, { id: 'x', model: 'asked', request: requestOf() })).toMatchObject({
      id: 'cmpl-x',
      object: 'text_completion',
      model: 'asked',
      choices: [{ index: 0, text: 'AB', logprobs: null, finish_reason: 'length' }],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    })
  })
})

describe('answers', () => {
  const logprobs = { tokens: ['A'], token_logprobs: [-0.5], top_logprobs: [{ A: -0.5 }], text_offset: [0] }
  test.each<[string, JsonObject]>([
    ['whole', { index: 0, text: 'A', logprobs, finish_reason: 'stop' }],
    ['bare', { index: 0, text: '' }],
    [
      'unfinished, with fields of a vendor',
      { index: 0, text: 'A', logprobs: null, finish_reason: null, stop_reason: 7 },
    ],
  ])('%s: through the codec it stays what it was', (_, choice) => {
    const body = {
      id: 'c',
      object: 'text_completion',
      created: 1,
      model: 'm',
      choices: [choice],
      system_fingerprint: null,
    }
    const back = completions.encodeResponse(completions.decodeResponse(body), {
      id: 'x',
      model: 'a',
      request: requestOf(),
    })
    expect(plain(back)).toEqual(body)
  })

  test.each([[{}], [{ choices: 'x' }], [{ choices: [1] }], [{ error: { message: 'no' } }]])(
    '%j is no answer',
    (body) => {
      expect(() => completions.decodeResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    },
  )
})

describe('streams', () => {
  function written(parts: readonly StreamPart[], request: Partial<ChatRequest> = {}): string {
    const writer = completions.stream.writer({ id: 'x', model: 'asked', request: requestOf(request) })
    return parts.map((part) => writer.push(part)).join('') + String(writer.end())
  }
  function read(text: string): StreamPart[] {
    const reader = completions.stream.reader()
    const parts: StreamPart[] = []
    reader.push(Buffer.from(text), parts)
    expect(reader.end(parts)).toBe(true)
    return parts
  }

  test('log probabilities of this API’s own form go along, those of chats do not', () => {
    const own = { tokens: ['A'], token_logprobs: [-0.5] }
    const text = written([
      { type: 'text-delta', block: 0, text: 'A', logprobs: own },
      { type: 'text-delta', block: 0, text: 'B', logprobs: { content: [] } },
      { type: 'finish', finish: { unified: 'stop' } },
    ])
    expect(read(text).filter(({ type }) => type === 'text-delta')).toEqual([
      { type: 'text-delta', block: 0, text: 'A', logprobs: own },
      { type: 'text-delta', block: 0, text: 'B' },
    ])
  })

  test('several choices and usage keep apart', () => {
    const usage = { input: { total: 1, cacheRead: 0, cacheWrite: 0 }, output: { total: 2, reasoning: 0 } }
    const text = written(
      [
        { type: 'start', id: 'c', model: 'm', created: 1 },
        { type: 'text-delta', block: 0, text: 'A' },
        { type: 'text-delta', block: 0, text: 'B', choice: 1 },
        { type: 'finish', finish: { unified: 'length' }, choice: 1 },
        { type: 'usage', usage },
      ],
      { includeUsage: true },
    )
    expect(
      text.endsWith(
        '"choices":[],"usage":' +
          JSON.stringify({
            prompt_tokens: 1,
            completion_tokens: 2,
            total_tokens: 3,
            prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
            completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
          }) +
          '}\n\ndata: [DONE]\n\n',
      ),
    ).toBe(true)
    expect(read(text)).toMatchObject([
      { type: 'start', id: 'c', model: 'm', created: 1 },
      { type: 'text-delta', text: 'A' },
      { type: 'text-delta', text: 'B', choice: 1 },
      { type: 'finish', finish: { unified: 'length' }, choice: 1 },
      { type: 'finish', finish: { unified: 'stop' } },
      { type: 'usage', usage },
    ])
  })
})
