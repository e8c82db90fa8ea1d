/** Why an answer ended: each dialect's words, and what they mean. */
import type { ByDialect, DialectName } from '../dialect-names.ts'
import type { Choice } from './answer.ts'

export type Ending =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'pause'
  | 'error'
  | 'other'

export const MEANINGS: ByDialect<{ readonly [word: string]: Ending }> = {
  'openai-chat': {
    stop: 'stop',
    // Together's models.
    eos: 'stop',
    length: 'length',
    tool_calls: 'tool-calls',
    content_filter: 'content-filter',
    error: 'error',
  },
  'openai-responses': {
    completed: 'stop',
    max_output_tokens: 'length',
    content_filter: 'content-filter',
    failed: 'error',
  },
  anthropic: {
    end_turn: 'stop',
    stop_sequence: 'stop-sequence',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tool-calls',
    pause_turn: 'pause',
    refusal: 'refusal',
  },
  gemini: {
    STOP: 'stop',
    MAX_TOKENS: 'length',
    SAFETY: 'content-filter',
    RECITATION: 'content-filter',
    BLOCKLIST: 'content-filter',
    PROHIBITED_CONTENT: 'content-filter',
    SPII: 'content-filter',
    MALFORMED_FUNCTION_CALL: 'error',
    UNEXPECTED_TOOL_CALL: 'error',
    OTHER: 'other',
  },
  cohere: {
    COMPLETE: 'stop',
    STOP_SEQUENCE: 'stop-sequence',
    MAX_TOKENS: 'length',
    TOOL_CALL: 'tool-calls',
    ERROR: 'error',
  },
  bedrock: {
    end_turn: 'stop',
    stop_sequence: 'stop-sequence',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tool-calls',
    guardrail_intervened: 'content-filter',
    content_filtered: 'content-filter',
  },
}

/** A plain stop also ends calls, where a dialect does not tell or the client named the tool, and refusals. */
function meaningOf(dialect: DialectName, { finish, calls, refusal }: Choice): Ending {
  const meaning = MEANINGS[dialect][finish] ?? 'other'
  if (meaning !== 'stop') return meaning
  return calls.length > 0 ? 'tool-calls' : refusal === '' ? 'stop' : 'refusal'
}

/** What a client must be told. Where its dialect has no word, the nearest that does not call a failure an answer. */
const WORDS: ByDialect<{ readonly [ending in Ending]: string }> = {
  'openai-chat': {
    stop: 'stop',
    'stop-sequence': 'stop',
    length: 'length',
    'tool-calls': 'tool_calls',
    'content-filter': 'content_filter',
    refusal: 'content_filter',
    pause: 'stop',
    // OpenRouter's and Mistral's word.
    error: 'error',
    other: 'stop',
  },
  'openai-responses': {
    stop: 'completed',
    'stop-sequence': 'completed',
    length: 'max_output_tokens',
    'tool-calls': 'completed',
    'content-filter': 'content_filter',
    refusal: 'completed',
    pause: 'completed',
    error: 'failed',
    other: 'completed',
  },
  anthropic: {
    stop: 'end_turn',
    'stop-sequence': 'stop_sequence',
    length: 'max_tokens',
    'tool-calls': 'tool_use',
    'content-filter': 'refusal',
    refusal: 'refusal',
    pause: 'pause_turn',
    // It has none for failures: whole answers that failed are errors.
    error: 'end_turn',
    other: 'end_turn',
  },
  gemini: {
    stop: 'STOP',
    'stop-sequence': 'STOP',
    length: 'MAX_TOKENS',
    'tool-calls': 'STOP',
    'content-filter': 'SAFETY',
    refusal: 'SAFETY',
    pause: 'STOP',
    error: 'OTHER',
    other: 'OTHER',
  },
  cohere: {
    stop: 'COMPLETE',
    'stop-sequence': 'STOP_SEQUENCE',
    length: 'MAX_TOKENS',
    'tool-calls': 'TOOL_CALL',
    'content-filter': 'ERROR',
    refusal: 'COMPLETE',
    pause: 'COMPLETE',
    error: 'ERROR',
    other: 'COMPLETE',
  },
  bedrock: {
    stop: 'end_turn',
    'stop-sequence': 'stop_sequence',
    length: 'max_tokens',
    'tool-calls': 'tool_use',
    'content-filter': 'content_filtered',
    refusal: 'content_filtered',
    pause: 'end_turn',
    error: 'malformed_model_output',
    other: 'end_turn',
  },
}

/** What a client must be told of an answer that came over another dialect: the same word, if it is one of the client's. */
export function wordFor(client: DialectName, upstream: DialectName, choice: Choice): string {
  const meaning = meaningOf(upstream, choice)
  return MEANINGS[client][choice.finish] === meaning ? choice.finish : WORDS[client][meaning]
}
