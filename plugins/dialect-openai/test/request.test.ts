import { GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { chat } from '../src/chat/index.ts'
import { bodyOf, encodeFor } from './support.ts'

const tool = {
  type: 'function',
  function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true },
}
const call = { id: 'call_a', type: 'function', function: { name: 'f', arguments: '{"a": 1}' } }

const says = (message: JsonObject): JsonObject => bodyOf({ messages: [message] })
const content = (...parts: JsonObject[]): JsonObject => says({ role: 'user', content: parts })
const assistant = (message: JsonObject): JsonObject => says({ role: 'assistant', ...message })

describe('a request goes through the codec unchanged', () => {
  const bodies: { [what: string]: JsonObject } = {
    'every setting': bodyOf({
      temperature: 0.2,
      top_p: 0.9,
      frequency_penalty: 0.1,
      presence_penalty: -0.1,
      seed: 7,
      n: 2,
      logprobs: true,
      top_logprobs: 3,
      user: 'u',
      service_tier: 'flex',
      metadata: { a: 'b' },
      reasoning_effort: 'minimal',
      parallel_tool_calls: false,
    }),
    'what only this API has': bodyOf({
      store: true,
      prompt_cache_key: 'k',
      safety_identifier: 's',
      verbosity: 'low',
      logit_bias: { '50256': -100 },
      modalities: ['text', 'audio'],
      audio: { voice: 'alloy', format: 'wav' },
      prediction: { type: 'content', content: 'x' },
      web_search_options: { search_context_size: 'low' },
      functions: [{ name: 'f' }],
      function_call: 'auto',
    }),
    'what only some vendor has': bodyOf({
      top_k: 40,
      min_p: 0.1,
      provider: { order: ['a'] },
      reasoning: { effort: 'low' },
    }),
    blanks: bodyOf({
      temperature: null,
      stop: null,
      tools: [],
      metadata: {},
      stream: null,
      user: '',
      response_format: null,
    }),
    "a vendor's own effort": bodyOf({ reasoning_effort: 'max' }),
    'the older limit': bodyOf({ max_tokens: 5 }),
    'the newer limit': bodyOf({ max_completion_tokens: 5 }),
    'both limits': bodyOf({ max_tokens: 5, max_completion_tokens: 7 }),
    'one stop text': bodyOf({ stop: 'END' }),
    'a list of one stop text': bodyOf({ stop: ['END'] }),
    'several stop texts': bodyOf({ stop: ['a', 'b'] }),
    'a stream': bodyOf({ stream: true }),
    'a stream with usage': bodyOf({
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    }),
    'a stream that declines usage': bodyOf({ stream: true, stream_options: { include_usage: false } }),
    'no stream, said so': bodyOf({ stream: false }),
    'a function tool': bodyOf({ tools: [tool], tool_choice: 'auto' }),
    'a bare function tool': bodyOf({ tools: [{ type: 'function', function: { name: 'f', description: null } }] }),
    'other tools': bodyOf({
      tools: [{ type: 'custom', custom: { name: 'c', format: { type: 'text' } } }, { type: 'web_search' }],
    }),
    'a tool with unknown fields': bodyOf({ tools: [{ ...tool, x: 1, function: { name: 'f', y: 2 } }] }),
    'a named tool': bodyOf({ tool_choice: { type: 'function', function: { name: 'f' } } }),
    'allowed tools': bodyOf({ tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } } }),
    'any tool': bodyOf({ tool_choice: 'any' }),
    'a text format': bodyOf({ response_format: { type: 'text' } }),
    'a JSON format': bodyOf({ response_format: { type: 'json_object' } }),
    'a schema': bodyOf({
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'n', description: 'd', schema: { type: 'object' }, strict: null },
      },
    }),
    'a schema without a schema': bodyOf({ response_format: { type: 'json_schema', json_schema: { name: 'n' } } }),
    'a format of one vendor': bodyOf({ response_format: { type: 'regex', regex: 'a+' } }),
    'a JSON format with a schema': bodyOf({ response_format: { type: 'json_object', schema: {} } }),
    'every role': bodyOf({
      messages: [
        { role: 'system', content: 's' },
        { role: 'developer', content: 'd', name: 'n' },
        { role: 'user', content: 'u', name: 'me' },
        { role: 'assistant', content: 'a' },
      ],
    }),
    'an empty text': says({ role: 'user', content: '' }),
    'no content': says({ role: 'user', content: null }),
    'a list of one text': content({ type: 'text', text: 'a' }),
    'several texts': content(
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ),
    'an empty list': says({ role: 'user', content: [] }),
    images: content(
      { type: 'image_url', image_url: { url: 'https://a/b.png' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==', detail: 'low' } },
      { type: 'image_url', image_url: 'https://a/b.png' },
      { type: 'image_url', image_url: { url: 'https://a/b.png', detail: null, x: 1 }, y: 2 },
      { type: 'image_url', image_url: { url: 'data:image/svg+xml,<svg/>' } },
    ),
    audio: content(
      { type: 'input_audio', input_audio: { data: 'QQ==', format: 'wav' } },
      { type: 'input_audio', input_audio: { data: 'QQ==', format: 'mp3' } },
    ),
    video: content({ type: 'video_url', video_url: { url: 'https://a/b.mp4' } }),
    files: content(
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,QQ==', filename: 'a.pdf' } },
      { type: 'file', file: { file_data: 'QQ==', filename: 'a.pdf' } },
      { type: 'file', file: { file_data: 'https://a/b.pdf', filename: 'b.pdf' } },
      { type: 'file', file: { file_data: 'QQ==', file_id: 'file-1' } },
    ),
    'a part nobody knows': content({ type: 'document_url', document_url: 'https://a' }),
    'unknown fields of a message and a part': bodyOf({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'a', x: 1 }], y: { z: 2 } }],
    }),
    'an echoed answer': assistant({ content: 'a', refusal: null, annotations: [], audio: null, tool_calls: [] }),
    'an echoed answer with citations': assistant({
      content: 'a',
      annotations: [
        { type: 'url_citation', url_citation: { start_index: 0, end_index: 1, url: 'https://a', title: 't' } },
        { type: 'file', file: { name: 'f' } },
      ],
    }),
    'an echoed refusal': assistant({ content: null, refusal: 'no' }),
    'a refusal part': assistant({ content: [{ type: 'refusal', refusal: 'no' }] }),
    'a list of texts': assistant({
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    }),
    'an audio answer': assistant({ audio: { id: 'audio_1' } }),
    'a call': assistant({ content: null, tool_calls: [call] }),
    'a call beside a text': assistant({ content: 'a', tool_calls: [call] }),
    'a call beside an empty text': assistant({ content: '', tool_calls: [{ ...call, index: 0 }] }),
    'a call and no content': assistant({ tool_calls: [call] }),
    'a custom call': assistant({
      content: null,
      tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'f', input: 'free text' } }],
    }),
    'a call of an unknown kind': assistant({ content: null, tool_calls: [{ id: 'c', type: 'search', search: {} }] }),
    'calls without arguments': assistant({
      content: null,
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
        { id: 'b', type: 'function', function: { name: 'f', arguments: 'null' } },
        { id: 'c', type: 'function', function: { name: 'f' } },
        { id: 'd', type: 'function', function: { name: 'f', arguments: '{}' } },
        { id: 'd', type: 'function', function: { name: 'f', arguments: ' ' } },
        { id: 'e', function: { name: 'f', arguments: null } },
      ],
    }),
    "a call with Gemini's proof of thought": assistant({
      content: null,
      tool_calls: [{ ...call, extra_content: { google: { thought_signature: 'abc' } } }],
    }),
    'thoughts by any name': bodyOf({
      messages: [
        { role: 'assistant', content: 'a', reasoning_content: 'r' },
        { role: 'assistant', content: 'a', reasoning: 'r', reasoning_content: null },
        { role: 'assistant', content: 'a', reasoning: 'r', reasoning_content: 'r' },
        {
          role: 'assistant',
          content: 'a',
          reasoning: 'r',
          reasoning_details: [
            { type: 'reasoning.text', text: 'r', signature: 's', format: 'anthropic-claude-v1', index: 0 },
          ],
        },
        { role: 'assistant', content: 'a', reasoning_details: [{ type: 'reasoning.encrypted', data: 'd', id: 'i' }] },
        { role: 'assistant', content: 'a', reasoning_details: [{ type: 'reasoning.other' }] },
        { role: 'assistant', content: 'a', reasoning_content: '' },
        {
          role: 'assistant',
          content: [
            {
              type: 'thinking',
              thinking: [
                { type: 'text', text: 'r' },
                { type: 'reference', reference_ids: [1] },
              ],
              closed: true,
            },
            { type: 'thinking', thinking: [] },
            { type: 'text', text: 'a' },
          ],
        },
      ],
    }),
    'tool results': bodyOf({
      messages: [
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_a', content: 'r' },
        { role: 'tool', tool_call_id: 'unknown', content: [{ type: 'text', text: 'r' }], name: 'f' },
        { role: 'tool', tool_call_id: 'b', content: '' },
      ],
    }),
    'the functions before tools': bodyOf({
      messages: [
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: '1' },
      ],
    }),
  }
  test.each(Object.entries(bodies))('%s', (_, body) => {
    const target = { ...body, model: 'target' }
    const { body: back, dropped } = encodeFor(chat.decodeRequest(target))
    expect(back).toStrictEqual(target)
    expect(dropped).toEqual([])
  })
})

describe('what a request says is found in the canonical form', () => {
  const decode = (fields: JsonObject) => chat.decodeRequest(bodyOf(fields))
  const partsOf = (content: unknown) => decode({ messages: [{ role: 'user', content }] }).messages[0]?.parts

  test('the limit, by either name', () => {
    expect(decode({ max_tokens: 5 }).maxTokens).toBe(5)
    expect(decode({ max_completion_tokens: 6 }).maxTokens).toBe(6)
  })

  test('stop texts, as a list', () => {
    expect(decode({ stop: 'END' }).stop).toEqual(['END'])
    expect(decode({ stop: null }).stop).toBeUndefined()
  })

  test('data URLs as bytes', () => {
    expect(
      partsOf([{ type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==', detail: 'high' } }]),
    ).toMatchObject([
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'QQ==' }, detail: 'high' },
    ])
    expect(
      partsOf([{ type: 'file', file: { file_data: 'data:application/pdf;base64,QQ==', filename: 'a.pdf' } }]),
    ).toMatchObject([
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'QQ==' }, name: 'a.pdf' },
    ])
    expect(partsOf([{ type: 'input_audio', input_audio: { data: 'QQ==', format: 'mp3' } }])).toMatchObject([
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'QQ==' } },
    ])
  })

  test('a cache hint, as OpenRouter and others take it', () => {
    expect(partsOf([{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }])).toMatchObject([
      { cache: { ttl: '1h' } },
    ])
  })

  test.each([
    ['auto', { type: 'auto' }],
    ['any', { type: 'required' }],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'tool', name: 'f' },
    ],
  ])('the tool choice %j', (choice, canonical) => {
    expect(decode({ tool_choice: choice }).toolChoice).toEqual(canonical)
  })

  test.each([undefined, null, '', 'null', '{}'])('no arguments, written %j, are {}', (written) => {
    const request = decode({
      messages: [
        { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: written } }] },
      ],
    })
    expect(request.messages[0]?.parts).toMatchObject([{ type: 'tool-call', arguments: '{}' }])
  })

  test('signatures and encrypted thoughts, also where the text stands in another field', () => {
    const message = {
      role: 'assistant',
      content: 'a',
      reasoning_content: 'thought',
      reasoning_details: [
        { type: 'reasoning.text', signature: 's' },
        { type: 'reasoning.encrypted', data: 'd' },
      ],
    }
    expect(decode({ messages: [message] }).messages[0]?.parts).toMatchObject([
      { type: 'reasoning', text: 'thought', signature: 's' },
      { type: 'reasoning', text: '', redacted: 'd' },
      { type: 'text', text: 'a' },
    ])
  })

  test('spellings are no parameters that another dialect could miss', () => {
    const request = decode({ stop: 'END', max_tokens: 5, temperature: null, stream_options: { include_usage: true } })
    expect(Object.keys(request.extensions['openai-chat'] ?? {})).toEqual([])
  })
})

describe('a change of the canonical form is what is sent', () => {
  test('of settings that were spelled in an older way', () => {
    const request = chat.decodeRequest(
      bodyOf({ max_tokens: 5, stop: 'END', temperature: null, reasoning_effort: 'low' }),
    )
    const changed = { ...request, maxTokens: 3, stop: ['a', 'b'], temperature: 1 }
    expect(encodeFor(changed).body).toMatchObject({ max_tokens: 3, stop: ['a', 'b'], temperature: 1 })
    delete (changed as Partial<typeof changed>).maxTokens
    expect(encodeFor(changed).body).not.toHaveProperty('max_tokens')
  })

  test('of thoughts, whose signed details would say something else', () => {
    const request = chat.decodeRequest(
      assistant({
        content: 'a',
        reasoning: 'secret',
        reasoning_details: [{ type: 'reasoning.text', text: 'secret', format: 'x' }],
      }),
    )
    const [message] = request.messages
    const parts = message!.parts.map((part) => (part.type === 'reasoning' ? { ...part, text: '[redacted]' } : part))
    const { body } = encodeFor({ ...request, messages: [{ ...message!, parts }] })
    expect(JSON.stringify(body)).not.toContain('secret')
    expect(body.messages).toMatchObject([{ content: 'a', reasoning: '[redacted]' }])
    const none = encodeFor({ ...request, messages: [{ ...message!, parts: parts.slice(1) }] })
    expect(JSON.stringify(none.body)).not.toContain('secret')
  })

  test('of parts of the content', () => {
    const request = chat.decodeRequest(content({ type: 'text', text: 'secret' }, { type: 'text', text: 'b' }))
    const changed = { ...request, messages: [{ ...request.messages[0]!, parts: request.messages[0]!.parts.slice(1) }] }
    expect(encodeFor(changed).body.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'b' }] }])
  })
})

describe('a wrong shape is refused with the path of the field', () => {
  const cases: [body: JsonObject, param: string][] = [
    [{ messages: [], model: 1 }, 'model'],
    [{ model: 'm' }, 'messages'],
    [bodyOf({ messages: 'Hi' }), 'messages'],
    [bodyOf({ messages: ['Hi'] }), 'messages[0]'],
    [says({ content: 'Hi' }), 'messages[0].role'],
    [says({ role: 'robot', content: 'Hi' }), 'messages[0].role'],
    [says({ role: 'user', content: 1 }), 'messages[0].content'],
    [says({ role: 'user', content: ['Hi'] }), 'messages[0].content[0]'],
    [content({ text: 'a' }), 'messages[0].content[0].type'],
    [content({ type: 'text' }), 'messages[0].content[0].text'],
    [content({ type: 'image_url', image_url: {} }), 'messages[0].content[0].image_url.url'],
    [content({ type: 'input_audio', input_audio: { data: 'QQ==' } }), 'messages[0].content[0].input_audio.format'],
    [content({ type: 'file', file: { file_id: 1 } }), 'messages[0].content[0].file.file_id'],
    [says({ role: 'tool', content: 'a' }), 'messages[0].tool_call_id'],
    [assistant({ tool_calls: [{ type: 'function' }] }), 'messages[0].tool_calls[0].id'],
    [assistant({ tool_calls: [{ id: 'a', function: {} }] }), 'messages[0].tool_calls[0].function.name'],
    [
      assistant({ tool_calls: [{ id: 'a', function: { name: 'f', arguments: {} } }] }),
      'messages[0].tool_calls[0].function.arguments',
    ],
    [bodyOf({ temperature: '1' }), 'temperature'],
    [bodyOf({ stream: 'yes' }), 'stream'],
    [bodyOf({ stop: [1] }), 'stop'],
    [bodyOf({ stop: {} }), 'stop'],
    [bodyOf({ tools: {} }), 'tools'],
    [bodyOf({ tools: [{ type: 'function' }] }), 'tools[0].function'],
    [bodyOf({ tools: [{ type: 'function', function: {} }] }), 'tools[0].function.name'],
    [bodyOf({ tool_choice: 1 }), 'tool_choice'],
    [bodyOf({ response_format: 'json' }), 'response_format'],
    [bodyOf({ response_format: { type: 'json_schema' } }), 'response_format.json_schema'],
    [bodyOf({ metadata: { a: 1 } }), 'metadata.a'],
    [bodyOf({ stream_options: { include_usage: 1 } }), 'stream_options.include_usage'],
    [bodyOf({ max_tokens: '5' }), 'max_tokens'],
  ]
  test.each(cases)('%j', (body, param) => {
    expect(() => chat.decodeRequest(body)).toThrow(
      expect.objectContaining({ code: 'invalid_request', status: 400, param }),
    )
  })
})

describe('the cheap look', () => {
  const inspect = (body: JsonObject, text = JSON.stringify(body)) => chat.inspect(body, Buffer.from(text), PLACE)

  test('finds model and stream mode', () => {
    expect(inspect(bodyOf())).toEqual({ model: 'm', stream: false })
    expect(inspect(bodyOf({ stream: true }))).toEqual({ model: 'm', stream: true })
  })

  test.each([{}, { model: '' }, bodyOf({ messages: [] }), bodyOf({ messages: {} }), bodyOf({ stream: 1 })])(
    'refuses %j',
    (body) => {
      expect(() => inspect(body)).toThrow(GatewayError)
    },
  )

  test('refuses a body that names two models', () => {
    expect(() => inspect(bodyOf(), '{"model":"allowed","messages":[{}],"model":"m"}')).toThrow(GatewayError)
  })
})

test('a field named __proto__ stays a field and sets no other', () => {
  const body = JSON.parse(
    '{"model":"m","messages":[{"role":"user","content":"Hi"}],"__proto__":{"temperature":2}}',
  ) as JsonObject
  const back = chat.encodeRequest(chat.decodeRequest(body), { model: 'm', drop: () => {} })
  expect(back.temperature).toBeUndefined()
  expect(JSON.stringify(back)).toContain('"__proto__":{"temperature":2}')
})
