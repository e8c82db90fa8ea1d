import type { JsonObject, Part } from '@sluice/core'
import { requestOf, says } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { REQUESTS } from './bodies.ts'
import { chat, encode, roundTrip } from './support.ts'

const ask = (more: JsonObject): JsonObject => ({ model: 'm', messages: [{ role: 'user', content: 'Hello' }], ...more })
const said = (...messages: JsonObject[]): JsonObject => ({ model: 'm', messages })

describe('a request of a Cohere client', () => {
  test.each(Object.entries(REQUESTS))('with %s comes out as it went in', (_, body) => {
    const { body: back, dropped } = roundTrip(body)
    expect(back).toEqual({ ...body, model: 'command-a' })
    expect(dropped).toEqual({})
  })

  test.each<[string, JsonObject, object]>([
    [
      'settings',
      REQUESTS['settings']!,
      {
        stream: true,
        includeUsage: true,
        maxTokens: 100,
        stop: ['END', 'STOP'],
        temperature: 0,
        topP: 0.75,
        topK: 40,
        seed: 7,
        frequencyPenalty: 0.5,
        presencePenalty: 0,
        logprobs: true,
      },
    ],
    [
      'strict tools',
      REQUESTS['strict tools']!,
      { tools: [{ name: 'get_weather', strict: true }], toolChoice: { type: 'required' } },
    ],
    ['a forbidden tool', ask({ tool_choice: 'NONE' }), { toolChoice: { type: 'none' } }],
    [
      'a schema',
      REQUESTS['JSON by a schema']!,
      { responseFormat: { type: 'json-schema', schema: { type: 'object' } } },
    ],
    ['a budget for thinking', REQUESTS['thinking within bounds']!, { reasoning: { budgetTokens: 1000 } }],
    ['thinking on', REQUESTS['thinking on']!, { reasoning: { adaptive: true } }],
    ['thinking off', REQUESTS['thinking off']!, { reasoning: { effort: 'none' } }],
  ])('says to every dialect: %s', (_, body, expected) => {
    expect(chat.decodeRequest(body)).toMatchObject(expected)
  })

  test('shows its documents as files of text before the last question', () => {
    const { messages } = chat.decodeRequest({
      ...REQUESTS['documents'],
      messages: [
        { role: 'user', content: 'First?' },
        { role: 'assistant', content: 'Yes.' },
        { role: 'user', content: 'Last?' },
      ],
    })
    const files = messages[2]!.parts.slice(0, 4)
    expect(messages.map(({ parts }) => parts.length)).toEqual([1, 1, 5])
    expect(
      files.map((part) => [
        part.type,
        ...(part.type === 'file' && part.source.kind === 'text' ? [part.name, part.source.text] : []),
      ]),
    ).toEqual([
      ['file', undefined, 'A bare text.'],
      ['file', undefined, 'A text.'],
      ['file', 'Ruby', 'A gem.'],
      ['file', undefined, 'title: 7\nauthor: Ada\npages: [1,2]'],
    ])
  })

  test('shows its plan as text, its thoughts as thoughts, and its citations on the text they cite', () => {
    const loop = chat.decodeRequest(REQUESTS['a tool loop']!).messages
    expect(loop[1]!.parts.map((part) => part.type)).toEqual(['text', 'tool-call', 'tool-call'])
    expect(loop[1]!.parts[0]).toMatchObject({ text: 'I will look.' })
    expect(loop[4]!.parts[0]).toMatchObject({
      text: 'It has 12 °C.',
      citations: [{ start: 7, end: 12, title: 'Weather' }],
    })
    const thinking = chat.decodeRequest(REQUESTS['thinking']!).messages[1]!
    expect(thinking.parts.map((part) => part.type)).toEqual(['reasoning', 'text', 'raw'])
    expect(thinking.parts[1]).toMatchObject({ citations: [{ start: 0, end: 2 }] })
  })

  test('has arguments for every call, if only an empty object', () => {
    const { messages } = chat.decodeRequest(REQUESTS['calls without arguments']!)
    expect(messages[1]!.parts.map((part) => part.type === 'tool-call' && part.arguments)).toEqual([
      '{}',
      '{}',
      '{}',
      '{}',
    ])
  })

  test('keeps what only Cohere knows where others report it, and spellings where they do not', () => {
    const fields = (name: string): string[] => Object.keys(chat.decodeRequest(REQUESTS[name]!).extensions['cohere']!)
    expect(fields('settings that only Cohere has')).toEqual([
      'safety_mode',
      'citation_options',
      'priority',
      'raw_prompting',
    ])
    expect(fields('settings that say nothing')).toEqual(['strict_tools'])
    expect(fields('documents')).toEqual([])
    expect(fields('documents without a question')).toEqual(['documents'])
    expect(chat.vital).toEqual(['documents'])
  })
})

describe('a change by a plugin', () => {
  test.each<[string, Part, JsonObject | string]>([
    [
      'of a document',
      { type: 'file', source: { kind: 'text', text: 'Redacted.' }, name: 'Ruby' },
      { data: { title: 'Ruby', text: 'Redacted.' } },
    ],
    ['of its name', { type: 'file', source: { kind: 'text', text: 'A gem.' } }, { data: { text: 'A gem.' } }],
  ])('%s holds', (_, changed, expected) => {
    const request = chat.decodeRequest(REQUESTS['documents']!)
    const [first, second, third, ...rest] = request.messages[0]!.parts
    const messages = [
      {
        ...request.messages[0]!,
        parts: [first!, second!, { ...third!, name: undefined, ...changed } as Part, ...rest],
      },
    ]
    const documents = encode({ ...request, messages }).body.documents as unknown[]
    expect(documents.slice(1, 3)).toEqual([{ data: { text: 'A text.' } }, expected])
  })

  test('of a call, a tool, a picture or a text holds', () => {
    const loop = chat.decodeRequest(REQUESTS['a tool loop']!)
    const parts = loop.messages[1]!.parts.map((part) =>
      part.type === 'tool-call' ? { ...part, arguments: '{}' } : part,
    )
    const calls = encode({ ...loop, messages: [{ ...loop.messages[1]!, parts }] }).body.messages as JsonObject[]
    expect(calls[0]).toMatchObject({
      tool_plan: 'I will look.',
      tool_calls: [{ id: 'get_weather_1', function: { arguments: '{}' } }, {}],
    })

    const tools = chat.decodeRequest(REQUESTS['odd tools']!)
    const renamed = tools.tools!.map((tool) => (tool.type === 'function' ? { ...tool, description: 'New.' } : tool))
    expect(encode({ ...tools, tools: renamed }).body.tools).toMatchObject([
      { function: { name: 'bare', description: 'New.' } },
      { note: 1, function: { name: 'f', description: 'New.', returns: 'x' } },
      { type: 'search' },
    ])

    const images = chat.decodeRequest(REQUESTS['images']!)
    const high = images.messages[1]!.parts.map((part) => (part.type === 'image' ? { ...part, detail: 'high' } : part))
    const [message] = encode({ ...images, messages: [{ ...images.messages[1]!, parts: high }] }).body
      .messages as JsonObject[]
    expect(message!.content).toMatchObject([{ image_url: { detail: 'high' } }, { image_url: { detail: 'high' } }, {}])
  })
})

describe('a wrong shape is refused, and the field named', () => {
  const call = { id: 'c', function: { name: 'f' } }
  test.each<[string, JsonObject]>([
    ['model', { messages: [] }],
    ['messages', { model: 'm', messages: {} }],
    ['messages[0]', said('x' as never)],
    ['messages[0].role', said({ content: 'x' })],
    ['messages[0].role', said({ role: 'CHATBOT', content: 'x' })],
    ['messages[0].content', said({ role: 'user', content: 1 })],
    ['messages[0].content[0]', said({ role: 'user', content: [1] })],
    ['messages[0].content[0].type', said({ role: 'user', content: [{ text: 'x' }] })],
    ['messages[0].content[0].text', said({ role: 'user', content: [{ type: 'text' }] })],
    ['messages[0].content[0].thinking', said({ role: 'assistant', content: [{ type: 'thinking' }] })],
    ['messages[0].content[0].image_url', said({ role: 'user', content: [{ type: 'image_url', image_url: 'x' }] })],
    ['messages[0].content[0].image_url.url', said({ role: 'user', content: [{ type: 'image_url', image_url: {} }] })],
    ['messages[0].content[0].document', said({ role: 'tool', tool_call_id: 'c', content: [{ type: 'document' }] })],
    [
      'messages[0].content[0].document.data',
      said({ role: 'tool', tool_call_id: 'c', content: [{ type: 'document', document: { data: 1 } }] }),
    ],
    ['messages[0].tool_call_id', said({ role: 'tool', content: 'x' })],
    ['messages[0].tool_plan', said({ role: 'assistant', tool_plan: {} })],
    ['messages[0].citations[0]', said({ role: 'assistant', citations: [1] })],
    ['messages[0].tool_calls', said({ role: 'assistant', tool_calls: {} })],
    ['messages[0].tool_calls[0].id', said({ role: 'assistant', tool_calls: [{ ...call, id: 1 }] })],
    ['messages[0].tool_calls[0].function', said({ role: 'assistant', tool_calls: [{ id: 'c' }] })],
    [
      'messages[0].tool_calls[0].function.arguments',
      said({ role: 'assistant', tool_calls: [{ ...call, function: { name: 'f', arguments: {} } }] }),
    ],
    ['documents', ask({ documents: {} })],
    ['documents[1]', ask({ documents: ['x', 1] })],
    ['documents[0].data', ask({ documents: [{ text: 'x' }] })],
    ['stream', ask({ stream: 'yes' })],
    ['tools', ask({ tools: {} })],
    ['tools[0].function', ask({ tools: [{ type: 'function' }] })],
    ['tools[0].function.name', ask({ tools: [{ type: 'function', function: {} }] })],
    ['strict_tools', ask({ strict_tools: 'yes' })],
    ['tool_choice', ask({ tool_choice: 7 })],
    ['response_format', ask({ response_format: 'json' })],
    ['response_format.json_schema', ask({ response_format: { type: 'json_object', json_schema: 'x' } })],
    ['thinking.token_budget', ask({ thinking: { type: 'enabled', token_budget: 'x' } })],
    ['stop_sequences[1]', ask({ stop_sequences: ['x', 1] })],
    ['temperature', ask({ temperature: 'hot' })],
    ['p', ask({ p: '1' })],
    ['k', ask({ k: '1' })],
  ])('%s', (param, body) => {
    expect(() => chat.decodeRequest(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})

describe('the cheap look', () => {
  const look = (body: JsonObject, bytes = JSON.stringify(body)) =>
    chat.inspect(body, Buffer.from(bytes), { path: '/v2/chat', params: {} })

  test('finds the model and the stream mode', () => {
    expect(look(ask({ stream: true }))).toEqual({ model: 'm', stream: true })
    expect(look(ask({}))).toEqual({ model: 'm', stream: false })
  })

  test.each<[string, JsonObject, string?]>([
    ['model', { messages: [{}] }],
    ['model', { model: '', messages: [{}] }],
    ['model', ask({}), '{"model":"a","messages":[{}],"model":"m"}'],
    ['messages', { model: 'm' }],
    ['messages', { model: 'm', messages: [] }],
    ['stream', ask({ stream: 1 })],
  ])('refuses a bad %s', (param, body, bytes) => {
    expect(() => look(body, bytes)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})

test('a request without anything to tell is small', () => {
  expect(encode(requestOf([says('user', 'Hi')])).body).toEqual({
    model: 'command-a',
    messages: [{ role: 'user', content: 'Hi' }],
  })
})
