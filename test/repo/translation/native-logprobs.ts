/** Log probabilities in the words of the dialects that have them, within an answer that says a text. */
import type { JsonObject } from '@sluice/core'
import type { DialectName } from '../../support/dialect-names.ts'

/** By this, they are recognised. */
export const LOGPROB = -0.125

const token = { token: 'Hi', logprob: LOGPROB, bytes: [72, 105], top_logprobs: [] }
const chosen = { token: 'Hi', tokenId: 7, logProbability: LOGPROB }

export const NATIVE_LOGPROBS: { readonly [dialect in DialectName]?: JsonObject } = {
  'openai-chat': {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'model',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Hi' },
        logprobs: { content: [token], refusal: null },
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 },
  },
  'openai-responses': {
    id: 'resp_1',
    object: 'response',
    created_at: 1_760_000_000,
    model: 'model',
    status: 'completed',
    output: [
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Hi', annotations: [], logprobs: [token] }],
      },
    ],
    usage: { input_tokens: 10, output_tokens: 20, total_tokens: 30 },
  },
  gemini: {
    candidates: [
      {
        content: { role: 'model', parts: [{ text: 'Hi' }] },
        finishReason: 'STOP',
        index: 0,
        logprobsResult: { chosenCandidates: [chosen], topCandidates: [{ candidates: [chosen] }] },
      },
    ],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 20, totalTokenCount: 30 },
  },
  cohere: {
    id: 'cohere-1',
    message: { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] },
    finish_reason: 'COMPLETE',
    logprobs: [{ token_ids: [7], text: 'Hi', logprobs: [LOGPROB] }],
    usage: { billed_units: { input_tokens: 10, output_tokens: 20 }, tokens: { input_tokens: 10, output_tokens: 20 } },
  },
}
