/** Requests of Cohere's clients, after the API reference (https://docs.cohere.com/v2/reference/chat). */
import type { JsonObject } from '@sluice/core'

const model = 'command-a-03-2025'
const hello = { role: 'user', content: 'Hello' }
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}
const call = { id: 'get_weather_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Köln"}' } }
const answered = { role: 'tool', tool_call_id: 'get_weather_1' }
const source = { type: 'tool', id: 'get_weather_1:0', tool_output: { title: 'Weather', degrees: 12 } }

const talk = (...messages: JsonObject[]): JsonObject => ({ model, messages: [hello, ...messages] })
const ask = (more: JsonObject): JsonObject => ({ model, messages: [hello], ...more })

/** By what they show. */
export const REQUESTS: { readonly [name: string]: JsonObject } = {
  'a text': ask({}),
  'every role': {
    model,
    messages: [{ role: 'system', content: 'Be brief.' }, { role: 'developer', content: 'Now.' }, hello],
  },
  'a list of one text': { model, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] },
  'several texts': {
    model,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: '' },
        ],
      },
    ],
  },
  'blank contents': talk(
    { role: 'assistant', content: '' },
    { role: 'user', content: [] },
    { role: 'user', content: null },
  ),
  images: talk({
    role: 'user',
    content: [
      { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'data:image/svg+xml,%3Csvg/%3E', detail: null, size: 3 } },
    ],
  }),
  settings: ask({
    stream: true,
    max_tokens: 100,
    stop_sequences: ['END', 'STOP'],
    temperature: 0,
    p: 0.75,
    k: 40,
    seed: 7,
    frequency_penalty: 0.5,
    presence_penalty: 0,
    logprobs: true,
  }),
  'settings that only Cohere has': ask({
    safety_mode: 'STRICT',
    citation_options: { mode: 'FAST' },
    priority: 5,
    raw_prompting: true,
  }),
  'settings that say nothing': ask({
    stream: false,
    stop_sequences: [],
    temperature: null,
    tools: [],
    strict_tools: true,
    documents: [],
    thinking: null,
    response_format: null,
    tool_choice: null,
  }),
  'a field of the future': ask({ __proto__x: 1, quantum: { mode: 'on' } }),
  'strict tools': ask({ tools: [weather], strict_tools: true, tool_choice: 'REQUIRED' }),
  'lenient tools': ask({ tools: [weather, weather], strict_tools: false, tool_choice: 'NONE' }),
  'odd tools': ask({
    tools: [
      { function: { name: 'bare' } },
      { type: 'function', note: 1, function: { name: 'f', description: null, parameters: {}, returns: 'x' } },
      { type: 'search', engine: 'web' },
    ],
    strict_tools: true,
    tool_choice: 'AUTO',
  }),
  'a tool loop': talk(
    { role: 'assistant', tool_plan: 'I will look.', tool_calls: [call, { ...call, id: 'get_weather_2' }] },
    { ...answered, content: '12 °C' },
    {
      role: 'tool',
      tool_call_id: 'get_weather_2',
      content: [
        { type: 'document', document: { id: '1', data: { title: 'Weather', degrees: 12, wind: { from: 'W' } } } },
        { type: 'document', document: { data: '{"degrees":12}' } },
        { type: 'document', document: { data: {} }, note: 'odd' },
        { type: 'text', text: 'Dry.' },
      ],
    },
    {
      role: 'assistant',
      content: [{ type: 'text', text: 'It has 12 °C.' }],
      citations: [{ start: 7, end: 12, text: '12 °C', sources: [source], type: 'TEXT_CONTENT', content_index: 0 }],
    },
  ),
  'calls without arguments': talk(
    {
      role: 'assistant',
      content: null,
      tool_calls: ['', 'null', undefined, '{}'].map((text, index) => ({
        id: `now_${index}`,
        type: 'function',
        function: text === undefined ? { name: 'now' } : { name: 'now', arguments: text },
      })),
    },
    { role: 'tool', tool_call_id: 'now_0', content: '' },
  ),
  thinking: talk(
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: 'Hi' },
        { type: 'music', notes: 'cde' },
      ],
      tool_plan: '',
      citations: [
        { start: 0, end: 2, text: 'Hm', sources: [], type: 'THINKING_CONTENT', content_index: 0 },
        { start: 0, end: 2, text: 'Hi', sources: [], type: 'TEXT_CONTENT', content_index: 1 },
      ],
    },
    hello,
  ),
  'thinking on': ask({ thinking: { type: 'enabled' } }),
  'thinking within bounds': ask({ thinking: { type: 'enabled', token_budget: 1000, style: 'terse' } }),
  'thinking off': ask({ thinking: { type: 'disabled' } }),
  'thinking of the future': ask({ thinking: { type: 'deep', token_budget: 9 } }),
  'text wanted': ask({ response_format: { type: 'text' } }),
  'JSON wanted': ask({ response_format: { type: 'json_object' } }),
  'JSON by a schema': ask({ response_format: { type: 'json_object', json_schema: { type: 'object' }, depth: 2 } }),
  'JSON by a schema, as it was called first': ask({
    response_format: { type: 'json_object', schema: { type: 'object' } },
  }),
  'a format of the future': ask({ response_format: { type: 'grammar', rules: 'x' } }),
  documents: ask({
    documents: [
      'A bare text.',
      { data: { text: 'A text.' } },
      { id: 'd1', data: { title: 'Ruby', snippet: 'A gem.' } },
      { id: 'd2', data: { title: 7, author: 'Ada', pages: [1, 2] }, rank: 1 },
    ],
  }),
  'documents without a question': { model, messages: [{ role: 'system', content: 'x' }], documents: ['A text.'] },
}
