/** Questions that between them use everything all dialects have in common, and what only some have. */
import type { Question } from './oracle/question.ts'
import { hello } from './hello.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='
const CITY = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const WEATHER = { name: 'weather', description: 'Weather of now', schema: CITY }
const CLOCK = { name: 'clock', description: 'The time', schema: { type: 'object', properties: {} } }
const tools = [WEATHER, CLOCK]

const CALL = { by: 'assistant', call: 'call_1', name: 'weather', arguments: { city: 'Zürich 🌧' } } as const
const SECOND = { by: 'assistant', call: 'call_2', name: 'clock', arguments: {} } as const

export const samples: { readonly [name: string]: Question } = {
  'a text': hello,
  settings: { ...hello, limit: 50, temperature: 0.5, stop: ['END', '\n\n'] },
  'no limit': { ...hello, limit: undefined },
  'a system prompt': { ...hello, system: 'Be brief.\nBe kind. “Ελληνικά”' },
  'several turns': {
    ...hello,
    system: 'Be brief',
    turns: [
      { by: 'user', text: 'Say hi' },
      { by: 'assistant', text: 'Hi' },
      { by: 'user', text: 'Again, in “Ελληνικά” 🙂' },
    ],
  },
  tools: { ...hello, tools },
  'tools, if need be': { ...hello, tools, toolChoice: 'auto' },
  'tools, one of them': { ...hello, tools, toolChoice: 'required' },
  'tools, this one': { ...hello, tools, toolChoice: 'tool clock' },
  'tools, but not now': { ...hello, tools, toolChoice: 'none' },
  'tools, one at a time': { ...hello, tools, parallel: false },
  'tools, several at once': { ...hello, tools, parallel: true },
  'the result of a tool': {
    ...hello,
    tools,
    turns: [
      { by: 'user', text: 'Weather?' },
      CALL,
      { by: 'tool', call: 'call_1', result: '{"sun":"much","°C":21.50}' },
    ],
  },
  'the result of a tool that is offered no more': {
    ...hello,
    turns: [{ by: 'user', text: 'Weather?' }, CALL, { by: 'tool', call: 'call_1', result: 'sun' }],
  },
  'results of two tools, and a word': {
    ...hello,
    tools,
    turns: [
      { by: 'user', text: 'Weather and time?' },
      { by: 'assistant', text: 'Let me see.' },
      CALL,
      SECOND,
      { by: 'tool', call: 'call_1', result: 'sun' },
      { by: 'tool', call: 'call_2', result: 'noon' },
      { by: 'assistant', text: 'It is sunny.' },
      { by: 'user', text: 'And in Rome?' },
    ],
  },
  'an image': {
    ...hello,
    turns: [
      { by: 'user', text: 'What is this?' },
      { by: 'user', image: `data:image/png;base64,${PNG}` },
    ],
  },
  'an image on the web': {
    ...hello,
    turns: [
      { by: 'user', text: 'What is this?' },
      { by: 'user', image: 'https://example.com/cat.png' },
    ],
  },
  'an answer by a schema': { ...hello, schema: CITY },
}
