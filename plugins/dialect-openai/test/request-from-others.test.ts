import type { ChatRequest, JsonObject, Message, Part } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { encodeFor, requestOf } from './support.ts'

const text = (words: string): Part => ({ type: 'text', text: words })
const call = (id: string): Part => ({ type: 'tool-call', id, name: 'f', arguments: '{"a":1}' })
const result = (callId: string, ...content: Part[]): Part => ({ type: 'tool-result', callId, content })
const wireCall = (id: string): JsonObject => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } })
const image: Part = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'QQ==' } }

const messagesOf = (...messages: Message[]) => encodeFor(requestOf({ messages })).body.messages
const user = (...parts: Part[]): Message => ({ role: 'user', parts })
const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts })

describe('settings', () => {
  const cases: [what: string, request: Partial<ChatRequest>, fields: JsonObject][] = [
    ['the limit, by its newer name', { maxTokens: 9 }, { max_completion_tokens: 9 }],
    ['stop texts, as a list', { stop: ['END'] }, { stop: ['END'] }],
    ['a small budget of thought', { reasoning: { budgetTokens: 1024 } }, { reasoning_effort: 'low' }],
    ['a budget at the limit of low', { reasoning: { budgetTokens: 2048 } }, { reasoning_effort: 'low' }],
    ['a medium budget', { reasoning: { budgetTokens: 8192 } }, { reasoning_effort: 'medium' }],
    ['a large budget', { reasoning: { budgetTokens: 8193 } }, { reasoning_effort: 'high' }],
    ['no budget at all', { reasoning: { budgetTokens: 0 } }, { reasoning_effort: 'none' }],
    ['an effort beside a budget', { reasoning: { effort: 'low', budgetTokens: 9999 } }, { reasoning_effort: 'low' }],
    ["Anthropic's highest effort", { reasoning: { effort: 'max' } }, { reasoning_effort: 'xhigh' }],
    [
      'a schema without a name',
      { responseFormat: { type: 'json-schema', schema: { type: 'object' } } },
      {
        response_format: { type: 'json_schema', json_schema: { name: 'response', schema: { type: 'object' } } },
      },
    ],
    [
      'a tool',
      { tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }] },
      {
        tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
      },
    ],
    [
      'a named tool',
      { toolChoice: { type: 'tool', name: 'f' } },
      { tool_choice: { type: 'function', function: { name: 'f' } } },
    ],
    [
      'usage, which other dialects always stream',
      { stream: true },
      { stream: true, stream_options: { include_usage: true } },
    ],
    ['declined usage', { stream: true, includeUsage: false }, { stream: true }],
    ['no stream', { stream: false, includeUsage: true }, {}],
  ]
  test.each(cases)('%s', (_, request, fields) => {
    const { messages: __, ...body } = encodeFor(requestOf(request)).body
    expect(body).toEqual({ model: 'target', ...fields })
  })

  test('leaving the thinking to the model needs no word', () => {
    const { body, dropped } = encodeFor(requestOf({ reasoning: { adaptive: true } }))
    expect(body).not.toHaveProperty('reasoning_effort')
    expect(dropped).toEqual([])
  })
})

describe('what this API has no word for is reported once', () => {
  const cases: [request: Partial<ChatRequest>, dropped: string[]][] = [
    [{ topK: 4 }, ['top_k']],
    [{ serviceTier: 'standard_only' }, ['service_tier']],
    [{ reasoning: { effort: 'low', summary: 'auto' } }, ['reasoning.summary']],
    [{ extensions: { anthropic: { container: 'c', mcp_servers: [] } } }, ['container', 'mcp_servers']],
    [{ extensions: { anthropic: { container: null } } }, []],
    [{ toolChoice: { type: 'raw', dialect: 'gemini', value: {} } }, ['tool_choice']],
    [
      { tools: [{ type: 'function', name: 'f', cache: {}, extensions: { anthropic: { x: 1 } } }] },
      ['tools.x', 'cache_control'],
    ],
    [
      {
        messages: [
          user({ ...text('a'), cache: {} }, { ...text('b'), cache: {} }),
          assistant({ ...text('c'), cache: {} }),
          user(text('d')),
        ],
      },
      ['cache_control'],
    ],
    [{ messages: [assistant({ ...text('a'), citations: [{ url: 'https://a' }] } as Part)] }, ['messages.citations']],
    [
      { messages: [assistant({ ...call('a'), signature: 's' } as Part), user(result('a', text('r')))] },
      ['messages.signature'],
    ],
    [
      { messages: [assistant(call('a')), user({ ...result('a', text('r')), isError: true } as Part)] },
      ['messages.is_error'],
    ],
    [{ messages: [user({ ...text('a'), extensions: { anthropic: { x: 1 } } })] }, ['messages.x']],
  ]
  test.each(cases)('%j', (request, dropped) => {
    expect(encodeFor(requestOf(request)).dropped).toEqual(dropped)
  })

  test('what is carried is not reported', () => {
    const messages = [user(text('a'), image), assistant(text('b'), call('1')), user(result('1', text('r')))]
    const settings = {
      maxTokens: 1,
      stop: ['a'],
      topP: 1,
      seed: 1,
      serviceTier: 'flex',
      user: 'u',
      metadata: {},
      parallelToolCalls: false,
    }
    expect(encodeFor(requestOf({ messages, ...settings, reasoning: { budgetTokens: 5000 } })).dropped).toEqual([])
  })
})

describe('messages', () => {
  test('one text is a string, several parts are a list', () => {
    expect(messagesOf(user(text('a')), user(text('a'), text('b')), user(text('a'), image))).toEqual([
      { role: 'user', content: 'a' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==' } },
        ],
      },
    ])
  })

  test("the assistant's texts are one text", () => {
    expect(messagesOf(assistant(text('a'), text('b')))).toEqual([{ role: 'assistant', content: 'ab' }])
  })

  test('a call alone has null for a text, a thought alone an empty one', () => {
    expect(messagesOf(assistant(call('1')), user(result('1', text('r'))))).toMatchObject([
      { content: null, tool_calls: [wireCall('1')] },
      {},
    ])
    expect(messagesOf(assistant({ type: 'reasoning', text: 'r' }))).toEqual([
      { role: 'assistant', content: '', reasoning_content: 'r' },
    ])
  })

  test('thoughts go back to vendors that want them, with their proofs', () => {
    const signed: Part = { type: 'reasoning', text: 'r', signature: 's', origin: 'openai-chat' }
    const encrypted: Part = { type: 'reasoning', text: '', redacted: 'd', origin: 'openai-chat' }
    expect(messagesOf(assistant({ type: 'reasoning', text: 'r' }, text('a')))).toEqual([
      { role: 'assistant', content: 'a', reasoning_content: 'r' },
    ])
    expect(messagesOf(assistant(signed, encrypted, text('a')))).toEqual([
      {
        role: 'assistant',
        content: 'a',
        reasoning_content: 'r',
        reasoning_details: [
          { type: 'reasoning.text', text: 'r', signature: 's' },
          { type: 'reasoning.encrypted', data: 'd' },
        ],
      },
    ])
  })

  test.each<[Part, JsonObject]>([
    [
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'QQ==' } },
      {
        type: 'file',
        file: { file_data: 'data:application/pdf;base64,QQ==', filename: 'file.pdf' },
      },
    ],
    [
      { type: 'file', name: 'a.pdf', source: { kind: 'base64', mediaType: 'application/pdf', data: 'QQ==' } },
      {
        type: 'file',
        file: { file_data: 'data:application/pdf;base64,QQ==', filename: 'a.pdf' },
      },
    ],
    [
      { type: 'file', source: { kind: 'text', text: 'words' } },
      { type: 'text', text: 'words' },
    ],
    [
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/x-wav', data: 'QQ==' } },
      {
        type: 'input_audio',
        input_audio: { data: 'QQ==', format: 'wav' },
      },
    ],
    [
      { type: 'video', source: { kind: 'url', url: 'https://a' } },
      { type: 'video_url', video_url: { url: 'https://a' } },
    ],
    [
      { type: 'image', detail: 'low', source: { kind: 'url', url: 'https://a' } },
      {
        type: 'image_url',
        image_url: { url: 'https://a', detail: 'low' },
      },
    ],
  ])('%j', (part, wire) => {
    expect(messagesOf(user(text('a'), part))).toEqual([{ role: 'user', content: [{ type: 'text', text: 'a' }, wire] }])
  })

  test.each<Part>([
    { type: 'audio', source: { kind: 'url', url: 'https://a' } },
    { type: 'file', source: { kind: 'url', url: 'https://a' } },
    { type: 'image', source: { kind: 'file', id: 'file-1' } },
    { type: 'file', source: { kind: 'file', id: 'file-1' } },
  ])('what would be left out is refused: %j', (part) => {
    const refusal = expect.objectContaining({ code: 'invalid_request', status: 400 }) as unknown
    expect(() => messagesOf(user(text('a'), part))).toThrow(refusal)
    expect(() => messagesOf(assistant(part))).toThrow(refusal)
  })

  test('the id of a file is good in the other one of OpenAI’s dialects', () => {
    const file: Part = { type: 'file', source: { kind: 'file', id: 'file-1' } }
    const { body } = encodeFor(requestOf({ messages: [user(file)], extensions: { 'openai-responses': {} } }))
    expect(body.messages).toEqual([{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }])
  })

  test.each<[string, Partial<ChatRequest>]>([
    ['a part', { messages: [user({ type: 'raw', dialect: 'anthropic', value: { type: 'container_upload' } })] }],
    [
      "an assistant's part",
      { messages: [assistant({ type: 'raw', dialect: 'anthropic', value: { type: 'server_tool_use' } })] },
    ],
    [
      'a tool',
      { tools: [{ type: 'raw', dialect: 'anthropic', value: { type: 'web_search_20250305', name: 'web_search' } }] },
    ],
  ])('%s that only another dialect knows is refused', (_, request) => {
    expect(() => encodeFor(requestOf(request))).toThrow(
      expect.objectContaining({ code: 'invalid_request', status: 400 }),
    )
  })
})

describe('the order of tool results', () => {
  test('results in a message of the user come before what the user says', () => {
    expect(
      messagesOf(assistant(call('1'), call('2')), user(text('and?'), result('2', text('b')), result('1', text('a')))),
    ).toEqual([
      { role: 'assistant', content: null, tool_calls: [wireCall('1'), wireCall('2')] },
      { role: 'tool', tool_call_id: '1', content: 'a' },
      { role: 'tool', tool_call_id: '2', content: 'b' },
      { role: 'user', content: 'and?' },
    ])
  })

  test('a result that comes later is moved behind its call', () => {
    expect(
      messagesOf(
        assistant(call('1')),
        assistant(call('2')),
        user(text('wait')),
        user(result('1', text('a')), result('2', text('b'))),
      ),
    ).toEqual([
      { role: 'assistant', content: null, tool_calls: [wireCall('1')] },
      { role: 'tool', tool_call_id: '1', content: 'a' },
      { role: 'assistant', content: null, tool_calls: [wireCall('2')] },
      { role: 'tool', tool_call_id: '2', content: 'b' },
      { role: 'user', content: 'wait' },
    ])
  })

  test('an id that is used twice is answered in order', () => {
    const turns = [
      assistant(call('1')),
      user(result('1', text('a'))),
      assistant(call('1')),
      user(result('1', text('b'))),
    ]
    expect(messagesOf(...turns)).toMatchObject([{}, { content: 'a' }, {}, { content: 'b' }])
  })

  test('images of a result follow all results, in a message of the user', () => {
    expect(
      messagesOf(assistant(call('1'), call('2')), user(result('1', image), result('2', text('b'), image))),
    ).toEqual([
      { role: 'assistant', content: null, tool_calls: [wireCall('1'), wireCall('2')] },
      { role: 'tool', tool_call_id: '1', content: expect.stringContaining('next message') },
      { role: 'tool', tool_call_id: '2', content: 'b' },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==' } },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==' } },
        ],
      },
    ])
  })

  test('an empty result is an empty text', () => {
    expect(messagesOf(assistant(call('1')), user(result('1')))).toMatchObject([{}, { role: 'tool', content: '' }])
  })

  test('a result of a call that nobody made is refused', () => {
    expect(() => messagesOf(user(result('1', text('a'))))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'messages' }),
    )
    expect(() => messagesOf(assistant(call('1')), user(result('1', text('a')), result('1', text('b'))))).toThrow()
  })
})
