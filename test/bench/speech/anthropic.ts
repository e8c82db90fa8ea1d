/** Anthropic's messages, shaped after real traffic. */
import { SYSTEM } from '../content.ts'
import { MODELS } from '../wires.ts'
import type { Speech } from './speech.ts'

const model = MODELS.anthropic

const USAGE = {
  input_tokens: 118,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 64,
}

export const anthropic: Speech = {
  request: (model, messages, stream) => ({ model, max_tokens: 1024, system: SYSTEM, messages, stream }),
  reply: (text) => ({
    id: 'msg_01RBj6rETGWKPitJeH2dnz7y',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { ...USAGE, service_tier: 'standard' },
  }),
  frames(pieces) {
    const message = {
      model,
      id: 'msg_011CdEr5G1SYtpTkVd1HniUF',
      type: 'message',
      role: 'assistant',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...USAGE, output_tokens: 1, service_tier: 'standard' },
    }
    const events = [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      ...pieces.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: USAGE },
      { type: 'message_stop' },
    ]
    return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  },
}
