/** OpenAI's chat, shaped after real traffic. */
import { SYSTEM } from '../content.ts'
import { MODELS } from '../wires.ts'
import type { Speech } from './speech.ts'

const model = MODELS['openai-chat']

const USAGE = {
  prompt_tokens: 118,
  completion_tokens: 64,
  total_tokens: 182,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
}

const HEAD = {
  id: 'chatcmpl-AfhuMhGf8Genpm2uKosEpBtvtQgco',
  object: 'chat.completion.chunk',
  created: 1734503594,
  model,
  service_tier: 'default',
  system_fingerprint: 'fp_39a40c96a0',
}

function chunk(delta: object, finish: string | null): object {
  return { ...HEAD, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], usage: null }
}

export const openaiChat: Speech = {
  request: (model, turns, stream) => ({
    model,
    messages: [{ role: 'system', content: SYSTEM }, ...turns],
    max_tokens: 1024,
    ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
  }),
  reply: (content) => ({
    id: 'chatcmpl-CRkRkic1yC57Px3ahQq6yQbltDlWK',
    object: 'chat.completion',
    created: 1760729432,
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: USAGE,
    service_tier: 'default',
    system_fingerprint: 'fp_cbf1785567',
  }),
  frames(pieces) {
    const chunks = [
      chunk({ role: 'assistant', content: '', refusal: null }, null),
      ...pieces.map((content) => chunk({ content }, null)),
      chunk({}, 'stop'),
      { ...HEAD, choices: [], usage: USAGE },
    ]
    return [...chunks.map((value) => `data: ${JSON.stringify(value)}\n\n`), 'data: [DONE]\n\n']
  },
}
