/** Canonical requests, responses and streams that every chat dialect must be able to carry. */
import type {
  ChatRequest,
  ChatResponse,
  Choice,
  FinishKind,
  FunctionTool,
  Message,
  Part,
  StreamPart,
  ToolCallPart,
  Usage,
} from '../model.ts'

const weather: FunctionTool = {
  type: 'function',
  name: 'get_weather',
  description: 'Current weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

const callFor = (city: string, id: string): ToolCallPart => ({
  type: 'tool-call',
  id,
  name: 'get_weather',
  arguments: JSON.stringify({ city }),
})

const resultFor = (callId: string, text: string): Message => ({
  role: 'tool',
  parts: [{ type: 'tool-result', callId, name: 'get_weather', content: [{ type: 'text', text }] }],
})

const says = (role: Message['role'], text: string): Message => ({ role, parts: [{ type: 'text', text }] })

function request(messages: Message[], more: Partial<ChatRequest> = {}): ChatRequest {
  return { operation: 'chat', model: 'sample-model', stream: false, maxTokens: 256, messages, extensions: {}, ...more }
}

const askWeather = says('user', 'Is it warmer in Köln or in São Paulo? 🌡️')

/** Requests by what they show. */
export const SAMPLE_REQUESTS = {
  text: request([says('user', 'Say hello.')], { temperature: 0.5, topP: 0.9, stop: ['END'] }),
  conversation: request([
    says('user', 'My name is Ada.'),
    says('assistant', 'Hello Ada.'),
    says('user', 'What is my name?'),
  ]),
  system: request([says('system', 'Answer in French.'), says('user', 'Say hello.')]),
  stream: request([says('user', 'Count to three.')], { stream: true, includeUsage: true }),
  tools: request([askWeather], { tools: [weather], toolChoice: { type: 'auto' } }),
  'forced tool': request([askWeather], { tools: [weather], toolChoice: { type: 'tool', name: 'get_weather' } }),
  'tool result': request(
    [askWeather, { role: 'assistant', parts: [callFor('Köln', 'call_1')] }, resultFor('call_1', '12 °C')],
    {
      tools: [weather],
    },
  ),
  'parallel tool results': request(
    [
      askWeather,
      { role: 'assistant', parts: [callFor('Köln', 'call_1'), callFor('São Paulo', 'call_2')] },
      resultFor('call_1', '12 °C'),
      resultFor('call_2', '28 °C'),
    ],
    { tools: [weather], parallelToolCalls: true },
  ),
  image: request([
    {
      role: 'user',
      parts: [
        { type: 'text', text: 'What is this?' },
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } },
      ],
    },
  ]),
  'image by address': request([
    { role: 'user', parts: [{ type: 'image', source: { kind: 'url', url: 'https://example.com/cat.png' } }] },
  ]),
  'structured output': request([says('user', 'Name a city.')], {
    responseFormat: {
      type: 'json-schema',
      name: 'city',
      strict: true,
      schema: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false,
      },
    },
  }),
  reasoning: request([says('user', 'What is 17 × 23?')], { reasoning: { effort: 'low' }, maxTokens: 4096 }),
} as const satisfies { [name: string]: ChatRequest }

const usage: Usage = {
  input: { total: 20, cacheRead: 0, cacheWrite: 0 },
  output: { total: 10, reasoning: 0 },
}

function response(parts: Part[], finish: Choice['finish'], more: Partial<ChatResponse> = {}): ChatResponse {
  const choices = [{ index: 0, parts, finish }]
  return {
    operation: 'chat',
    id: 'sample-1',
    model: 'sample-model',
    created: 1_760_000_000,
    choices,
    usage,
    extensions: {},
    ...more,
  }
}

/** Whole answers by what they show. */
export const SAMPLE_RESPONSES = {
  text: response([{ type: 'text', text: 'Grüße, 世界 👋' }], { unified: 'stop' }),
  truncated: response([{ type: 'text', text: 'One, two' }], { unified: 'length' }),
  'tool call': response([callFor('Köln', 'call_1')], { unified: 'tool-calls' }),
  'parallel tool calls': response([callFor('Köln', 'call_1'), callFor('São Paulo', 'call_2')], {
    unified: 'tool-calls',
  }),
  'text and tool call': response([{ type: 'text', text: 'Let me look.' }, callFor('Köln', 'call_1')], {
    unified: 'tool-calls',
  }),
  'tool call without arguments': response([{ type: 'tool-call', id: 'call_1', name: 'now', arguments: '{}' }], {
    unified: 'tool-calls',
  }),
  reasoning: response(
    [
      { type: 'reasoning', text: '17 × 20 = 340, 17 × 3 = 51.', signature: 'c2lnbmF0dXJl' },
      { type: 'text', text: '391' },
    ],
    { unified: 'stop' },
    { usage: { input: usage.input, output: { total: 40, reasoning: 30 } } },
  ),
} as const satisfies { [name: string]: ChatResponse }

function stream(parts: StreamPart[], unified: FinishKind): StreamPart[] {
  return [
    { type: 'start', id: 'sample-1', model: 'sample-model', created: 1_760_000_000 },
    ...parts,
    { type: 'finish', finish: { unified } },
    { type: 'usage', usage },
  ]
}

/** A tool call whose arguments come in the given pieces. */
const streamedCall = (block: number, id: string, name: string, ...pieces: string[]): StreamPart[] => [
  { type: 'tool-call-start', block, id, name },
  ...pieces.map((piece): StreamPart => ({ type: 'tool-call-delta', block, arguments: piece })),
]

/** Streamed answers by what they show. */
export const SAMPLE_STREAMS = {
  text: stream(
    ['Grüße, ', '世界', ' 👋'].map((text) => ({ type: 'text-delta', block: 0, text })),
    'stop',
  ),
  truncated: stream([{ type: 'text-delta', block: 0, text: 'One, two' }], 'length'),
  'tool call': stream(streamedCall(0, 'call_1', 'get_weather', '{"ci', 'ty":"Kö', 'ln"}'), 'tool-calls'),
  'parallel tool calls': stream(
    [
      ...streamedCall(0, 'call_1', 'get_weather', '{"city":', '"Köln"}'),
      ...streamedCall(1, 'call_2', 'get_weather', '{"city":"São Paulo"}'),
    ],
    'tool-calls',
  ),
  'text and tool call': stream(
    [
      { type: 'text-delta', block: 0, text: 'Let me look.' },
      ...streamedCall(1, 'call_1', 'get_weather', '{"city":"Köln"}'),
    ],
    'tool-calls',
  ),
  'tool call without arguments': stream(streamedCall(0, 'call_1', 'now'), 'tool-calls'),
  reasoning: stream(
    [
      { type: 'reasoning-delta', block: 0, text: '17 × 20 = 340, ' },
      { type: 'reasoning-delta', block: 0, text: '17 × 3 = 51.' },
      { type: 'reasoning-signature', block: 0, signature: 'c2lnbmF0dXJl' },
      { type: 'text-delta', block: 1, text: '391' },
    ],
    'stop',
  ),
} satisfies { [name: string]: StreamPart[] }
