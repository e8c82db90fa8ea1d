/** What dialects that carry Claude have in common. */
import assert from 'node:assert/strict'
import type { ChatRequest, Finish, Message, Part, StreamPart } from '@sluice/core'
import { readStream, writeStream } from './calls.ts'
import { requestOf, says } from './canonical.ts'
import type { Rule } from './rule.ts'

/** Why Claude stopped, and what that means. The last is no word of Claude's, but one that every object knows. */
export const CLAUDE_STOPS: readonly (readonly [raw: string, unified: Finish['unified']])[] = [
  ['end_turn', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['stop_sequence', 'stop-sequence'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
  ['constructor', 'other'],
]

const text: Part = { type: 'text', text: 'A' }
const call: Part = { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' }

/** What clients of Claude are told at the end of another model's answer. */
export const CLAUDE_ENDINGS: readonly (readonly [reason: string, part: Part, finish: Finish])[] = [
  ['end_turn', text, { unified: 'stop' }],
  ['max_tokens', text, { unified: 'length', raw: 'length' }],
  ['stop_sequence', text, { unified: 'stop-sequence', stopSequence: 'X' }],
  ['tool_use', call, { unified: 'tool-calls' }],
  // OpenAI says so where one function was forced.
  ['tool_use', call, { unified: 'stop', raw: 'stop' }],
  ['max_tokens', call, { unified: 'length' }],
  ['end_turn', text, { unified: 'other', raw: 'weird' }],
]

/** The same of a stream. */
export const CLAUDE_STREAM_ENDINGS: readonly (readonly [reason: string, parts: StreamPart[], finish: Finish])[] = [
  ['tool_use', [{ type: 'tool-call-start', block: 0, id: 'a', name: 'f' }], { unified: 'stop' }],
  ['max_tokens', [{ type: 'tool-call-start', block: 0, id: 'a', name: 'f' }], { unified: 'length' }],
  ['end_turn', [], { unified: 'stop', raw: 'STOP' }],
]

/** Parameters of others that Claude does not take, or not all of, and what is reported of each. */
export const CLAUDE_LOSSES: readonly (readonly [params: string[], more: Partial<ChatRequest>])[] = [
  [['frequency_penalty', 'presence_penalty'], { frequencyPenalty: 0.5, presencePenalty: -1 }],
  [['seed'], { seed: 0 }],
  [['n'], { n: 2 }],
  [['logprobs', 'top_logprobs'], { logprobs: true, topLogprobs: 3 }],
  [['response_format'], { responseFormat: { type: 'json' } }],
  [['temperature'], { temperature: 1.5 }],
  [['top_p'], { temperature: 0.5, topP: 0.9 }],
  // What says only what holds anyway is no loss.
  [
    [],
    {
      frequencyPenalty: 0,
      presencePenalty: 0,
      n: 1,
      logprobs: false,
      parallelToolCalls: true,
      responseFormat: { type: 'text' },
    },
  ],
]

/** How encoders report what Claude does not take. */
export const REPORTING_CLAUDE: readonly Rule[] = [
  [
    'a thought that cannot be taken back is reported once, however many there are',
    (chat) => {
      const reports: string[] = []
      const thought: Part = { type: 'reasoning', text: 'Unsigned.' }
      const hi = says('user', 'Hi')
      const request = requestOf([hi, says('assistant', thought, thought, 'A'), hi, says('assistant', thought, 'B')])
      chat.encodeRequest(request, { model: 'm', drop: (param) => reports.push(param) })
      assert.deepEqual(reports, ['messages.reasoning'])
    },
  ],
]

/** A conversation with thoughts that Claude takes back, which are its own, and with some that it does not. */
export const CLAUDE_THOUGHTS: readonly Message[] = [
  says('user', 'Hi'),
  says(
    'assistant',
    { type: 'reasoning', text: 'Hm.', signature: 'sig', origin: 'anthropic' },
    { type: 'reasoning', text: '', redacted: 'data', origin: 'anthropic' },
    { type: 'reasoning', text: 'Unsigned.' },
    { type: 'reasoning', text: 'In short.', redacted: 'of OpenAI', origin: 'openai-responses' },
    { type: 'reasoning', text: 'Nobody says whose.', signature: 'sig' },
    { type: 'text', text: 'Hello', citations: [{ url: 'https://example.com' }] },
  ),
  { ...says('user', 'And?'), name: 'ada' },
]

/** How writers carry what Claude has signed. */
export const WRITING_CLAUDE: readonly Rule[] = [
  [
    'signatures and encrypted thinking go along, each in a block of its own, also without the thinking itself',
    (chat) => {
      const parts: StreamPart[] = [
        { type: 'reasoning-redacted', block: 0, data: 'data', origin: 'anthropic' },
        { type: 'reasoning-signature', block: 1, signature: 'sig', origin: 'anthropic' },
      ]
      assert.deepEqual(readStream(chat, writeStream(chat, parts)).parts.slice(1, 3), parts)
    },
  ],
]
