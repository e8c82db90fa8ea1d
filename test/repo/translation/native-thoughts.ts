/** A call of a tool with all the thinking around it that an upstream of each dialect may show, in its own words. */
import type { JsonObject } from '@sluice/core'
import type { ByDialect } from '../../support/dialect-names.ts'

/** By these, what comes back is recognised. */
export const THOUGHT = 'Let me think.'
export const SIGNATURE = 'c2lnbmF0dXJl'
export const ENCRYPTED = 'ZW5jcnlwdGVk'
export const CALL_SIGNATURE = 'Y2FsbC1zaWc='

const name = 'get_weather'
const call = { id: 'call_1', type: 'function', function: { name, arguments: '{"city":"Rome"}' } }
const usage = { input_tokens: 10, output_tokens: 20 }

export const NATIVE_THOUGHTS: ByDialect<JsonObject> = {
  'openai-chat': {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'model',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          reasoning: THOUGHT,
          reasoning_details: [
            { type: 'reasoning.text', text: THOUGHT, signature: SIGNATURE },
            { type: 'reasoning.encrypted', data: ENCRYPTED },
          ],
          tool_calls: [{ ...call, extra_content: { google: { thought_signature: CALL_SIGNATURE } } }],
        },
        finish_reason: 'tool_calls',
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
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: THOUGHT }],
        encrypted_content: ENCRYPTED,
      },
      { type: 'function_call', id: 'fc_1', call_id: 'call_1', name, arguments: '{"city":"Rome"}', status: 'completed' },
    ],
    usage: { ...usage, total_tokens: 30 },
  },
  anthropic: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'model',
    content: [
      { type: 'thinking', thinking: THOUGHT, signature: SIGNATURE },
      { type: 'redacted_thinking', data: ENCRYPTED },
      { type: 'tool_use', id: 'call_1', name, input: { city: 'Rome' } },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage,
  },
  gemini: {
    candidates: [
      {
        content: {
          role: 'model',
          parts: [
            { text: THOUGHT, thought: true },
            { functionCall: { id: 'call_1', name, args: { city: 'Rome' } }, thoughtSignature: CALL_SIGNATURE },
          ],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 20, totalTokenCount: 30 },
  },
  cohere: {
    id: 'cohere-1',
    message: { role: 'assistant', content: [{ type: 'thinking', thinking: THOUGHT }], tool_calls: [call] },
    finish_reason: 'TOOL_CALL',
    usage: { billed_units: usage, tokens: usage },
  },
  bedrock: {
    output: {
      message: {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: THOUGHT, signature: SIGNATURE } } },
          { reasoningContent: { redactedContent: ENCRYPTED } },
          { toolUse: { toolUseId: 'call_1', name, input: { city: 'Rome' } } },
        ],
      },
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 10, outputTokens: 20, totalTokens: 30 },
    metrics: { latencyMs: 1 },
  },
}
