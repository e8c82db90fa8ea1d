import type { ChatRequest, JsonObject, Message, Part } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { chat } from '../src/chat/index.ts'
import { responses } from '../src/responses/index.ts'
import { clientRequest, encodeFor, plain, requestOf, roundTrip } from './responses-support.ts'

const user = (content: unknown): JsonObject => ({ role: 'user', content })
const call = (id: string, more: JsonObject = {}): JsonObject => ({
  type: 'function_call',
  call_id: id,
  name: 'f',
  arguments: '{"a":1}',
  ...more,
})
const output = (id: string, value: unknown = 'ok', more: JsonObject = {}): JsonObject => ({
  type: 'function_call_output',
  call_id: id,
  output: value,
  ...more,
})
const said = (text: string, more: JsonObject = {}): JsonObject => ({
  type: 'message',
  id: 'msg_1',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
  ...more,
})
const schema = { type: 'object', properties: {}, additionalProperties: false }

describe('a request comes back as it was', () => {
  const cases: { [name: string]: JsonObject } = {
    'a text': { input: 'Hi' },
    'an empty text': { input: '' },
    'no items': { input: [], prompt: { id: 'pmpt_1', version: '2', variables: { city: 'Paris' } } },
    'no input': { previous_response_id: 'resp_1' },
    nulls: {
      input: 'Hi',
      instructions: null,
      tools: null,
      tool_choice: null,
      text: null,
      reasoning: null,
      metadata: null,
      stream: null,
      store: null,
      previous_response_id: null,
      temperature: null,
      include: null,
      truncation: null,
      background: null,
    },
    settings: {
      input: 'Hi',
      instructions: 'Be brief.',
      max_output_tokens: 10,
      temperature: 0,
      top_p: 0.5,
      top_logprobs: 2,
      parallel_tool_calls: false,
      user: 'u',
      service_tier: 'flex',
      metadata: { a: 'b' },
      include: ['message.output_text.logprobs', 'file_search_call.results'],
      truncation: 'auto',
      safety_identifier: 's',
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
      store: true,
      background: true,
      conversation: { id: 'conv_1' },
      max_tool_calls: 3,
      stream: true,
      stream_options: { include_obfuscation: false },
      context_management: [{ type: 'compaction' }],
      unknown_field: { x: [1] },
    },
    'settings that change nothing': {
      input: 'Hi',
      stream: false,
      store: false,
      background: false,
      truncation: 'disabled',
    },
    'empty settings': {
      input: 'Hi',
      tools: [],
      metadata: {},
      text: {},
      reasoning: {},
      stream_options: {},
      include: [],
    },
    'a JSON schema': {
      input: 'Hi',
      text: { format: { type: 'json_schema', name: 'n', schema, strict: true, description: 'd' }, verbosity: 'low' },
    },
    'a JSON schema of few words': { input: 'Hi', text: { format: { type: 'json_schema', name: 'n', strict: null } } },
    'any JSON': { input: 'Hi', text: { format: { type: 'json_object' } } },
    'plain text': { input: 'Hi', text: { format: { type: 'text' }, verbosity: null, other: 1 } },
    'a grammar': { input: 'Hi', text: { format: { type: 'grammar', syntax: 'lark' } } },
    reasoning: { input: 'Hi', reasoning: { effort: 'max', summary: 'detailed', mode: 'standard' } },
    'reasoning of nulls': { input: 'Hi', reasoning: { effort: null, summary: null } },
    tools: {
      input: 'Hi',
      tools: [
        { type: 'function', name: 'f', description: null, parameters: null, strict: null },
        { type: 'function', name: 'g', parameters: schema, strict: true, defer_loading: true },
        { type: 'custom', name: 'c', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
        { type: 'web_search', search_context_size: 'low' },
        { type: 'mcp', server_label: 's', server_url: 'https://x' },
      ],
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
    },
    'a named function': { input: 'Hi', tool_choice: { type: 'function', name: 'f' } },
    'a hosted tool': { input: 'Hi', tool_choice: { type: 'file_search' } },
    roles: {
      input: [
        { role: 'system', content: 'a' },
        { role: 'developer', content: 'b', type: 'message' },
        { role: 'assistant', content: 'c' },
        { role: 'assistant', content: 'd', phase: 'commentary' },
        { role: 'user', content: '' },
        { role: 'user', content: [], status: 'completed' },
      ],
    },
    content: {
      input: [
        user([
          { type: 'input_text', text: 'Look', prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } },
          { type: 'input_image', image_url: 'data:image/png;base64,QQ==', detail: 'low' },
          { type: 'input_image', image_url: 'https://x/a.png', file_id: null },
          { type: 'input_image', file_id: 'file_1', detail: 'auto' },
          { type: 'input_file', file_data: 'data:application/pdf;base64,QQ==', filename: 'a.pdf' },
          { type: 'input_file', file_data: 'QQ==', filename: 'a.pdf' },
          { type: 'input_file', file_url: 'https://x/a.pdf' },
          { type: 'input_file', file_id: 'file_2', detail: 'high' },
          { type: 'input_audio', input_audio: { data: 'QQ==', format: 'mp3' } },
          { type: 'input_video', video_url: 'https://x' },
        ]),
      ],
    },
    answers: {
      input: [
        user('q'),
        said('', {
          phase: 'final_answer',
          content: [
            {
              type: 'output_text',
              text: 'a',
              annotations: [
                { type: 'url_citation', url: 'https://x', title: 't', start_index: 0, end_index: 1 },
                { type: 'file_citation', file_id: 'f', filename: 'n', index: 1 },
              ],
              logprobs: [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }],
            },
            { type: 'refusal', refusal: 'no' },
          ],
        }),
        said('b', { id: 'msg_2', status: 'incomplete' }),
        said('c', { id: null, content: 'c' }),
      ],
    },
    'tool turns': {
      input: [
        user('q'),
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' },
        said('Let me see.', { phase: 'commentary' }),
        call('call_1', { id: 'fc_1', status: 'completed', namespace: 'n' }),
        call('call_2', { arguments: '' }),
        { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_3', name: 'c', input: 'free {' },
        output('call_2', [
          { type: 'input_text', text: 'x' },
          { type: 'input_image', image_url: 'https://x' },
        ]),
        output('call_1', '', { id: 'fco_1', status: 'completed' }),
        { type: 'custom_tool_call_output', call_id: 'call_3', output: 'r' },
        { type: 'function_call_output', call_id: 'call_9', output: 'held upstream', name: 'f' },
      ],
    },
    thoughts: {
      input: [
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'a' },
            { type: 'summary_text', text: 'b' },
          ],
        },
        {
          type: 'reasoning',
          id: 'rs_2',
          summary: [],
          content: [{ type: 'reasoning_text', text: 't' }],
          status: 'completed',
        },
        { type: 'reasoning', summary: [], encrypted_content: null, content: [] },
        { type: 'reasoning', summary: [], encrypted_content: 'gAAA' },
      ],
    },
    'what only this API has': {
      input: [
        { type: 'item_reference', id: 'msg_1' },
        { id: 'rs_1' },
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
        { type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot', image_url: 'data:,' } },
        { type: 'mcp_approval_response', approval_request_id: 'm', approve: true },
        { type: 'image_generation_call', id: 'ig_1', result: 'QQ==', status: 'completed' },
        user('go on'),
      ],
    },
  }
  test.each(Object.entries(cases))('%s', (_, body) => {
    expect(roundTrip(body)).toEqual({ body: { model: 'm', ...body }, dropped: [] })
  })
})

describe('a wrong shape is refused and named', () => {
  test.each<[param: string, body: JsonObject]>([
    ['input[0]', { input: ['x'] }],
    ['input[0].role', { input: [{ role: 'robot', content: 'x' }] }],
    ['input[0].role', { input: [{ type: 'message', content: 'x' }] }],
    ['input[0].content', { input: [user(7)] }],
    ['input[0].content[0]', { input: [user(['x'])] }],
    ['input[0].content[0].type', { input: [user([{ text: 'x' }])] }],
    ['input[0].content[0].text', { input: [user([{ type: 'input_text' }])] }],
    ['input[0].content[0].image_url', { input: [user([{ type: 'input_image', image_url: { url: 'x' } }])] }],
    ['input[0].content[0].file_id', { input: [user([{ type: 'input_file', file_id: 1 }])] }],
    ['input[0].content[0].input_audio.format', { input: [user([{ type: 'input_audio', input_audio: { data: '' } }])] }],
    ['input[0].call_id', { input: [{ type: 'function_call', name: 'f', arguments: '' }] }],
    ['input[0].arguments', { input: [call('c', { arguments: {} })] }],
    ['input[0].input', { input: [{ type: 'custom_tool_call', call_id: 'c', name: 'f' }] }],
    ['input[0].output', { input: [output('c', { a: 1 })] }],
    ['input[0].summary[0]', { input: [{ type: 'reasoning', summary: ['x'] }] }],
    ['input[0].encrypted_content', { input: [{ type: 'reasoning', encrypted_content: 1 }] }],
    ['instructions', { instructions: [] }],
    ['tools[0].name', { tools: [{ type: 'function' }] }],
    ['tools[0].type', { tools: [{ name: 'f' }] }],
    ['tool_choice', { tool_choice: 1 }],
    ['text.format.type', { text: { format: {} } }],
    ['text.verbosity', { text: { verbosity: 1 } }],
    ['reasoning.effort', { reasoning: { effort: 1 } }],
    ['metadata.a', { metadata: { a: 1 } }],
    ['temperature', { temperature: '1' }],
    ['include', { include: 'x' }],
  ])('%s', (param, body) => {
    expect(() => clientRequest(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})

describe('a look at a body', () => {
  const inspect = (body: JsonObject, place = { path: '/', params: {} }) =>
    responses.inspect(body, Buffer.from(JSON.stringify(body)), place)

  test('tells model and stream mode', () => {
    expect(inspect({ model: 'm', input: 'x', stream: true })).toEqual({ model: 'm', stream: true })
    expect(inspect({ model: 'm', input: [] })).toEqual({ model: 'm', stream: false })
  })

  test.each([{ prompt: { id: 'p' } }, { previous_response_id: 'r' }, { conversation: 'c' }])(
    'an input is not needed beside %j',
    (held) => expect(inspect({ model: 'm', ...held })).toEqual({ model: 'm', stream: false }),
  )

  test.each([
    ['input', { model: 'm' }],
    ['input', { model: 'm', input: 7 }],
    ['model', { input: 'x' }],
    ['model', { model: '', input: 'x' }],
    ['stream', { model: 'm', input: 'x', stream: 'yes' }],
  ])('refuses a wrong %s', (param, body) => {
    expect(() => inspect(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})

describe('a request as other dialects see it', () => {
  const tell = (body: JsonObject): ChatRequest => clientRequest(body)

  test('instructions are a system message ahead of the input', () => {
    const { messages } = tell({ instructions: 'Be brief.', input: 'Hi' })
    expect(messages.map(({ role, parts }) => [role, parts])).toEqual([
      ['system', [{ type: 'text', text: 'Be brief.' }]],
      ['user', [{ type: 'text', text: 'Hi' }]],
    ])
  })

  test('all that the assistant said, thought and called in a row is one message', () => {
    const { messages } = tell({
      input: [
        user('q'),
        { type: 'reasoning', id: 'rs', summary: [{ type: 'summary_text', text: 't' }] },
        said('a'),
        call('c1'),
        call('c2'),
        output('c1'),
        output('c2'),
        said('b'),
      ],
    })
    expect(messages.map(({ role, parts }) => [role, ...parts.map(({ type }) => type)])).toEqual([
      ['user', 'text'],
      ['assistant', 'reasoning', 'text', 'tool-call', 'tool-call'],
      ['tool', 'tool-result'],
      ['tool', 'tool-result'],
      ['assistant', 'text'],
    ])
  })

  test.each<[field: string, body: JsonObject, found: Partial<ChatRequest>]>([
    ['max_output_tokens', { max_output_tokens: 9 }, { maxTokens: 9 }],
    ['logprobs', { include: ['message.output_text.logprobs'], top_logprobs: 2 }, { logprobs: true, topLogprobs: 2 }],
    ['text.format', { text: { format: { type: 'json_object' } } }, { responseFormat: { type: 'json' } }],
    ['tool_choice', { tool_choice: { type: 'function', name: 'f' } }, { toolChoice: { type: 'tool', name: 'f' } }],
  ])('%s', (_, body, found) => {
    expect(tell(body)).toMatchObject(found)
  })

  const droppedBy = (body: JsonObject): string[] => {
    const dropped: string[] = []
    chat.encodeRequest(tell(body), { model: 't', drop: (param) => dropped.push(param) })
    return dropped
  }

  test('what only this API has is reported, and what must not be lost is vital', () => {
    const held = { previous_response_id: 'r', conversation: 'c', background: true, prompt: { id: 'p' } }
    expect(
      droppedBy({ ...held, truncation: 'auto', store: true, max_tool_calls: 1, text: { verbosity: 'low' } }),
    ).toEqual(expect.arrayContaining([...Object.keys(held), 'truncation', 'store', 'max_tool_calls', 'verbosity']))
    expect(responses.vital).toEqual(expect.arrayContaining(Object.keys(held)))
  })

  test('what says nothing to others is not reported', () => {
    const silent = { store: false, background: false, truncation: 'disabled', stream_options: {}, include: ['x'] }
    expect(droppedBy({ ...silent, previous_response_id: null, conversation: null, prompt: null })).toEqual([])
    expect(droppedBy({ input: [said('a'), call('c', { id: 'fc', status: 'completed' }), output('c')] })).toEqual([])
    expect(droppedBy({ input: [said('a', { phase: 'commentary' })] })).toEqual(['messages.phase'])
  })

  test.each([
    { type: 'item_reference', id: 'msg_1' },
    { type: 'web_search_call', id: 'ws' },
  ])('an item that means something here only is refused: %j', (item) => {
    const encode = (): unknown => chat.encodeRequest(tell({ input: [item] }), { model: 't', drop: () => {} })
    expect(encode).toThrow(expect.objectContaining({ code: 'invalid_request', status: 400 }))
  })
})

describe('a request of another dialect', () => {
  const of = (parts: Part[], role: Message['role'] = 'user'): ChatRequest => requestOf({ messages: [{ role, parts }] })
  const encoded = (request: ChatRequest): JsonObject => encodeFor(request).body
  const input = (request: ChatRequest): unknown => encoded(request).input

  test('is not kept at the provider', () => {
    expect(encoded(requestOf())).toEqual({
      model: 'target',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
      store: false,
    })
  })

  test('gets what other dialects give without asking', () => {
    const body = encoded(requestOf({ reasoning: { effort: 'low', summary: 'auto' }, logprobs: true, topLogprobs: 1 }))
    expect(body).toMatchObject({
      reasoning: { effort: 'low', summary: 'auto' },
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      top_logprobs: 1,
    })
  })

  test.each<[Partial<ChatRequest>, JsonObject]>([
    [{ maxTokens: 5 }, { max_output_tokens: 5 }],
    [{ reasoning: { budgetTokens: 4000 } }, { reasoning: { effort: 'medium' } }],
    [{ reasoning: { effort: 'max', summary: 'omitted' } }, { reasoning: { effort: 'xhigh' } }],
    [{ reasoning: { effort: 'low', summary: 'full' } }, { reasoning: { effort: 'low', summary: 'auto' } }],
    [{ toolChoice: { type: 'tool', name: 'f' } }, { tool_choice: { type: 'function', name: 'f' } }],
    [{ responseFormat: { type: 'json' } }, { text: { format: { type: 'json_object' } } }],
    [
      { responseFormat: { type: 'json-schema', schema } },
      { text: { format: { type: 'json_schema', name: 'response', schema } } },
    ],
    [
      { tools: [{ type: 'function', name: 'f', parameters: schema }] },
      { tools: [{ type: 'function', name: 'f', parameters: schema, strict: false }] },
    ],
    [{ stream: true }, { stream: true }],
  ])('%j', (fields, found) => {
    expect(encoded(requestOf(fields))).toMatchObject(found)
  })

  test('keeps a conversation in order, results in whatever message they came', () => {
    const request = requestOf({
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 's' }] },
        {
          role: 'assistant',
          parts: [
            { type: 'text', text: 'a' },
            { type: 'tool-call', id: 'c1', name: 'f', arguments: '{}' },
            { type: 'tool-call', id: 'c2', name: 'g', arguments: 'free', kind: 'custom' },
          ],
        },
        {
          role: 'user',
          parts: [
            { type: 'tool-result', callId: 'c2', name: 'g', content: [] },
            {
              type: 'tool-result',
              callId: 'c1',
              content: [
                { type: 'text', text: 'r' },
                { type: 'image', source: { kind: 'url', url: 'https://x' } },
              ],
            },
            { type: 'text', text: 'u' },
          ],
        },
      ],
    })
    expect(input(request)).toEqual([
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: 's' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'a' }] },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'g', input: 'free' },
      { type: 'custom_tool_call_output', call_id: 'c2', output: '' },
      {
        type: 'function_call_output',
        call_id: 'c1',
        output: [
          { type: 'input_text', text: 'r' },
          { type: 'input_image', image_url: 'https://x' },
        ],
      },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'u' }] },
    ])
  })

  test.each<[Part, JsonObject]>([
    [
      { type: 'image', source: { kind: 'base64', data: 'QQ==', mediaType: 'image/png' }, detail: 'high' },
      { type: 'input_image', image_url: 'data:image/png;base64,QQ==', detail: 'high' },
    ],
    [
      { type: 'file', source: { kind: 'base64', data: 'QQ==', mediaType: 'application/pdf' } },
      { type: 'input_file', file_data: 'data:application/pdf;base64,QQ==', filename: 'file.pdf' },
    ],
    [
      { type: 'file', source: { kind: 'url', url: 'https://x/a.pdf' }, name: 'a.pdf' },
      { type: 'input_file', file_url: 'https://x/a.pdf', filename: 'a.pdf' },
    ],
    [
      { type: 'file', source: { kind: 'text', text: 'doc' } },
      { type: 'input_text', text: 'doc' },
    ],
    [
      { type: 'audio', source: { kind: 'base64', data: 'QQ==', mediaType: 'audio/mpeg' } },
      { type: 'input_audio', input_audio: { data: 'QQ==', format: 'mp3' } },
    ],
  ])('%j', (part, wire) => {
    expect(input(of([part]))).toEqual([{ type: 'message', role: 'user', content: [wire] }])
  })

  test('the id of a file is good in the other one of OpenAI’s dialects', () => {
    const request = of([{ type: 'image', source: { kind: 'file', id: 'f' } }])
    expect(input({ ...request, extensions: { 'openai-chat': {} } })).toEqual([
      { type: 'message', role: 'user', content: [{ type: 'input_image', file_id: 'f' }] },
    ])
  })

  test.each<[param: string, request: ChatRequest]>([
    ['stop', requestOf({ stop: ['x'] })],
    ['top_k', requestOf({ topK: 1 })],
    ['seed', requestOf({ seed: 1 })],
    ['n', requestOf({ n: 2 })],
    ['frequency_penalty', requestOf({ frequencyPenalty: 1 })],
    ['presence_penalty', requestOf({ presencePenalty: 1 })],
    ['service_tier', requestOf({ serviceTier: 'standard_only' })],
    ['tool_choice', requestOf({ toolChoice: { type: 'raw', dialect: 'x', value: 1 } })],
    ['thinking', requestOf({ extensions: { anthropic: { thinking: 1 } } })],
    ['cache_control', of([{ type: 'text', text: 'x', cache: {} }])],
    ['messages.reasoning', of([{ type: 'reasoning', text: 't', signature: 's' }], 'assistant')],
    ['messages.reasoning', of([{ type: 'reasoning', text: '', redacted: 'r' }], 'assistant')],
    [
      'messages.signature',
      of([{ type: 'tool-call', id: 'c', name: 'f', arguments: '{}', signature: 's' }], 'assistant'),
    ],
    ['messages.name', requestOf({ messages: [{ role: 'user', name: 'Ada', parts: [{ type: 'text', text: 'x' }] }] })],
  ])('reports %s', (param, request) => {
    expect(encodeFor(request).dropped).toEqual([param])
  })

  test('values that say what holds anyway are no loss', () => {
    expect(encodeFor(requestOf({ stop: [], n: 1, frequencyPenalty: 0, presencePenalty: 0 })).dropped).toEqual([])
  })

  test.each<[string, ChatRequest]>([
    ['a result of a call that nobody made', of([{ type: 'tool-result', callId: 'c', content: [] }], 'tool')],
    ['a video', of([{ type: 'video', source: { kind: 'url', url: 'u' } }])],
    ['audio by address', of([{ type: 'audio', source: { kind: 'url', url: 'u' } }])],
    ['an image of the assistant', of([{ type: 'image', source: { kind: 'url', url: 'u' } }], 'assistant')],
    ['a file of another vendor', of([{ type: 'file', source: { kind: 'file', id: 'f' } }])],
    ['a part that runs elsewhere', of([{ type: 'raw', dialect: 'anthropic', value: { type: 'server_tool_use' } }])],
    [
      'a tool that runs elsewhere',
      requestOf({ tools: [{ type: 'raw', dialect: 'anthropic', value: { type: 'bash' } }] }),
    ],
  ])('refuses %s', (_, request) => {
    expect(() => encodeFor(request)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })

  test('of the chat API brings along what both of them have', () => {
    const body = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }
    const both = { prompt_cache_key: 'k', safety_identifier: 's', prompt_cache_retention: '24h' }
    const { body: sent, dropped } = encodeFor(
      chat.decodeRequest({ ...body, ...both, verbosity: 'low', logit_bias: {} }),
    )
    expect(sent).toMatchObject({ ...both, text: { verbosity: 'low' } })
    expect(dropped).toEqual(['logit_bias'])
  })
})

test('what a plugin put in goes out in its place', () => {
  const request = clientRequest({ instructions: 'Be brief.', input: 'Hi' })
  const before: Message = { role: 'system', parts: [{ type: 'text', text: 'House rules.' }] }
  const { body } = encodeFor({ ...request, messages: [before, ...request.messages] })
  expect(body).toMatchObject({ instructions: 'Be brief.' })
  expect(plain(body.input)).toEqual([
    { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'House rules.' }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
  ])
})
