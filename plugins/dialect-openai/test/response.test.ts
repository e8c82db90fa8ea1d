import type { Choice, ChatResponse, JsonObject, Part } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { chat } from '../src/chat/index.ts'
import { answerOf, encodeResponse } from './support.ts'

const call = { id: 'call_a', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }
const decode = (body: JsonObject): Choice => chat.decodeResponse(body).choices[0]!

describe('an answer goes through the codec unchanged', () => {
  const bodies: { [what: string]: JsonObject } = {
    OpenAI: answerOf(
      { role: 'assistant', content: 'a', refusal: null, annotations: [] },
      { logprobs: null },
      { system_fingerprint: null },
    ),
    Mistral: answerOf({ role: 'assistant', content: 'a', tool_calls: null }),
    'Groq without content': answerOf(
      { role: 'assistant', reasoning: 'r', tool_calls: [call] },
      {},
      { x_groq: { id: 'r' } },
    ),
    'a truncated thought': answerOf({ role: 'assistant', content: '', refusal: null }, { finish_reason: 'length' }),
    'a plain stop with calls': answerOf({ role: 'assistant', content: null, tool_calls: [call] }),
    "Together's word for a stop": answerOf({ role: 'assistant', content: 'a' }, { finish_reason: 'eos', seed: 1 }),
    'no finish': answerOf({ role: 'assistant', content: 'a' }, { finish_reason: null }),
    'thoughts in the content': answerOf({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'r' }], closed: true },
        { type: 'text', text: 'a' },
        { type: 'reference', reference_ids: [1] },
      ],
    }),
    'signed thoughts': answerOf({
      role: 'assistant',
      content: 'a',
      reasoning: 'r',
      reasoning_details: [{ type: 'reasoning.text', text: 'r', signature: 's', format: 'f', index: 0 }],
    }),
    sound: answerOf({
      role: 'assistant',
      content: null,
      audio: { id: 'i', data: 'QQ==', expires_at: 1, transcript: 't' },
    }),
    images: answerOf({
      role: 'assistant',
      content: 'a',
      images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==' } }],
    }),
    'citations of all kinds': answerOf({
      role: 'assistant',
      content: 'a',
      annotations: [
        { type: 'url_citation', url_citation: { start_index: 0, end_index: 1, title: 't', url: 'https://a' } },
        { type: 'url_citation', url_citation: { url: 'https://a', content: 'more than we know' } },
        { type: 'file', file: { hash: 'h' } },
      ],
    }),
    'citations of nothing': answerOf({ role: 'assistant', content: null, annotations: [{ type: 'file', file: {} }] }),
    'the functions before tools': answerOf(
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { finish_reason: 'function_call' },
    ),
    'usage of nothing': answerOf({ role: 'assistant', content: 'a' }, {}, { usage: {} }),
    'no usage': answerOf({ role: 'assistant', content: 'a' }, {}, { usage: null }),
    'filter results': answerOf(
      { role: 'assistant', content: 'a' },
      { content_filter_results: {} },
      { prompt_filter_results: [{ prompt_index: 0 }] },
    ),
    "another vendor's object": answerOf({ role: 'assistant', content: 'a' }, {}, { object: 'chat.completion.done' }),
    'no id, model or time': { object: 'chat.completion', choices: [] },
  }
  test.each(Object.entries(bodies))('%s', (_, body) => {
    expect(encodeResponse(chat.decodeResponse(body))).toStrictEqual(body)
  })
})

describe('what an answer says is found in the canonical form', () => {
  test.each<[reason: unknown, message: JsonObject, unified: string]>([
    ['stop', { content: 'a' }, 'stop'],
    ['eos', { content: 'a' }, 'stop'],
    ['length', { content: '' }, 'length'],
    ['model_length', { content: '' }, 'length'],
    ['tool_calls', { tool_calls: [call] }, 'tool-calls'],
    ['stop', { content: '', tool_calls: [call] }, 'tool-calls'],
    ['length', { tool_calls: [call] }, 'length'],
    ['function_call', { function_call: {} }, 'tool-calls'],
    ['content_filter', { content: null }, 'content-filter'],
    ['stop', { content: null, refusal: 'no' }, 'refusal'],
    ['error', { content: 'a' }, 'error'],
    ['constructor', { content: 'a' }, 'other'],
    [null, { content: 'a' }, 'other'],
    [undefined, { content: 'a' }, 'other'],
    [7, { content: 'a' }, 'other'],
  ])('finish %j of %j is %s', (reason, message, unified) => {
    const { finish } = decode(answerOf(message, { finish_reason: reason }))
    expect(finish.unified).toBe(unified)
    expect(finish.raw).toBe(typeof reason === 'string' ? reason : undefined)
  })

  test('thoughts by any name', () => {
    const thought = (message: JsonObject): Part | undefined => decode(answerOf({ content: 'a', ...message })).parts[0]
    expect(thought({ reasoning: 'r' })).toMatchObject({ type: 'reasoning', text: 'r' })
    expect(thought({ reasoning_content: 'r', reasoning: 'r' })).toMatchObject({ type: 'reasoning', text: 'r' })
    expect(thought({ reasoning_details: [{ type: 'reasoning.summary', summary: 'r' }] })).toMatchObject({
      text: 'r',
      summary: true,
    })
    expect(thought({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'r' }] }] })).toMatchObject({
      text: 'r',
    })
  })

  test('a call without an id gets one, the same each time and another one in another answer', () => {
    const idIn = (id: string): unknown => {
      const body = answerOf({ tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] }, {}, { id })
      expect(decode(body).parts[0]).toMatchObject({ type: 'tool-call', name: 'f', arguments: '{"a":1}' })
      return (decode(body).parts[0] as { id: string }).id
    }
    expect(idIn('chatcmpl-1')).toMatch(/^call_0/)
    expect(idIn('chatcmpl-1')).toBe(idIn('chatcmpl-1'))
    expect(idIn('chatcmpl-2')).not.toBe(idIn('chatcmpl-1'))
  })

  test('free text of a custom tool is not read as JSON', () => {
    const custom = { id: 'c', type: 'custom', custom: { name: 'f', input: 'null' } }
    expect(decode(answerOf({ tool_calls: [custom] })).parts).toMatchObject([{ kind: 'custom', arguments: 'null' }])
  })
})

describe('an answer that is none', () => {
  test.each([{}, { choices: {} }, { choices: [1] }, { id: 'x', object: 'list', data: [] }])(
    '%j is an upstream error',
    (body) => {
      expect(() => chat.decodeResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    },
  )

  test.each<[JsonObject, JsonObject]>([
    [{ error: { message: 'slow down', code: 429 } }, { code: 'rate_limit_exceeded', status: 429 }],
    [
      { error: { message: 'slow down', type: 'tokens', code: 'rate_limit_exceeded' } },
      { code: 'rate_limit_exceeded', status: 429 },
    ],
    [{ error: 'out of memory' }, { code: 'upstream_error', message: 'out of memory' }],
    [
      { object: 'error', message: 'no such model', type: 'invalid_model', raw_status_code: 400 },
      { code: 'model_not_found', status: 400 },
    ],
    [{ detail: 'gone wrong' }, { code: 'upstream_error', message: 'gone wrong' }],
  ])('%j is the error that it says', (body, error) => {
    expect(() => chat.decodeResponse(body)).toThrow(expect.objectContaining(error))
  })
})

describe('an answer of another dialect', () => {
  const responseOf = (
    parts: Part[],
    finish: Choice['finish'] = { unified: 'stop' },
    more: Partial<ChatResponse> = {},
  ): ChatResponse => ({
    operation: 'chat',
    id: 'msg_1',
    model: 'claude',
    created: 5,
    choices: [{ index: 0, parts, finish }],
    extensions: {},
    ...more,
  })
  const messageOf = (...parts: Part[]): unknown =>
    (encodeResponse(responseOf(parts)).choices as JsonObject[])[0]?.message

  test('has what the SDKs count on', () => {
    expect(encodeResponse(responseOf([{ type: 'text', text: 'a' }]))).toStrictEqual({
      id: 'msg_1',
      object: 'chat.completion',
      created: 5,
      model: 'claude',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'a', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
    })
  })

  test('gets an id, a model and a time if it has none', () => {
    const { choices, extensions } = responseOf([])
    expect(encodeResponse({ operation: 'chat', choices, extensions })).toMatchObject({
      id: 'chatcmpl-x1',
      model: 'asked',
      created: expect.any(Number),
    })
  })

  test('is one text, thoughts beside it, then calls', () => {
    expect(
      messageOf(
        { type: 'reasoning', text: 'r', signature: 's' },
        { type: 'reasoning', text: '', redacted: 'd' },
        {
          type: 'text',
          text: 'a',
          citations: [{ url: 'https://a', title: 't', start: 0, end: 1 }, { title: 'a document' }],
        },
        { type: 'text', text: 'b' },
        { type: 'tool-call', id: '1', name: 'f', arguments: '{}', signature: 'g' },
        { type: 'raw', dialect: 'anthropic', value: { type: 'server_tool_use' } },
      ),
    ).toStrictEqual({
      role: 'assistant',
      content: 'ab',
      refusal: null,
      reasoning_content: 'r',
      reasoning_details: [
        { type: 'reasoning.text', text: 'r', signature: 's' },
        { type: 'reasoning.encrypted', data: 'd' },
      ],
      annotations: [
        { type: 'url_citation', url_citation: { start_index: 0, end_index: 1, title: 't', url: 'https://a' } },
      ],
      tool_calls: [
        {
          id: '1',
          type: 'function',
          function: { name: 'f', arguments: '{}' },
          extra_content: { google: { thought_signature: 'g' } },
        },
      ],
    })
  })

  test('says null where a call or a refusal stands for the text', () => {
    expect(messageOf({ type: 'tool-call', id: '1', name: 'f', arguments: '{}' })).toMatchObject({ content: null })
    expect(messageOf({ type: 'refusal', text: 'no' })).toStrictEqual({
      role: 'assistant',
      content: null,
      refusal: 'no',
    })
    expect(messageOf()).toMatchObject({ content: '' })
  })

  test.each<[Choice['finish'], string]>([
    [{ unified: 'stop', raw: 'end_turn' }, 'stop'],
    [{ unified: 'stop-sequence', raw: 'stop_sequence', stopSequence: 'END' }, 'stop'],
    [{ unified: 'length', raw: 'max_tokens' }, 'length'],
    [{ unified: 'tool-calls', raw: 'stop' }, 'tool_calls'],
    [{ unified: 'content-filter', raw: 'SAFETY' }, 'content_filter'],
    [{ unified: 'refusal' }, 'content_filter'],
    [{ unified: 'pause', raw: 'pause_turn' }, 'stop'],
    [{ unified: 'other' }, 'stop'],
    [{ unified: 'other', raw: 'length' }, 'length'],
  ])('that ended %j says %s', (finish, reason) => {
    expect(encodeResponse(responseOf([], finish)).choices).toMatchObject([{ finish_reason: reason }])
  })

  test('may go back in the next request without losing its signed thoughts', () => {
    const parts: Part[] = [
      { type: 'reasoning', text: 'r', signature: 's', origin: 'anthropic' },
      { type: 'reasoning', text: '', redacted: 'd', origin: 'openai-chat' },
      { type: 'text', text: 'a' },
    ]
    const request = chat.decodeRequest({ model: 'm', messages: [messageOf(...parts) as JsonObject] })
    expect(request.messages[0]?.parts).toEqual(parts)
  })
})

test("a plugin's verdict replaces the upstream's", () => {
  const response = chat.decodeResponse(answerOf({ role: 'assistant', content: 'secret' }, { finish_reason: 'stop' }))
  const choice = response.choices[0]!
  const guarded = { ...response, choices: [{ ...choice, parts: [], finish: { unified: 'content-filter' as const } }] }
  expect(encodeResponse(guarded).choices).toMatchObject([
    { message: { content: null }, finish_reason: 'content_filter' },
  ])
})
