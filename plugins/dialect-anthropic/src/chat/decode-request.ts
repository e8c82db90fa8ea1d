import { invalidRequest } from '@sluice/core'
import type { ChatRequest, JsonObject } from '@sluice/core'
import {
  defined,
  isObject,
  optionalArray,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  requiredString,
} from '@sluice/dialect-kit'
import { extended, leftovers } from '../extensions.ts'
import { decodeMessages } from './messages.ts'
import { decodeOutput } from './output.ts'
import { decodeThinking } from './thinking.ts'
import { decodeToolChoice, decodeTools } from './tools.ts'

const FIELDS = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'stream',
  'stop_sequences',
  'temperature',
  'top_p',
  'top_k',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
])

/** A client's `POST /v1/messages`. What the model has no word for is kept in `extensions.anthropic`. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const stream = optionalBoolean(body, 'stream')
  const thinking = decodeThinking(body)
  const output = decodeOutput(body, thinking?.effort !== 'none')
  const { user, rest: metadata } = decodeMetadata(body)
  const own: JsonObject = {
    ...leftovers(body, FIELDS),
    ...output.rest,
    ...(thinking === undefined && isObject(body.thinking) && { thinking: body.thinking }),
    ...(metadata && { metadata }),
  }
  return defined<ChatRequest>({
    operation: 'chat',
    model: requiredString(body, 'model'),
    stream: stream ?? false,
    messages: decodeMessages(body),
    tools: decodeTools(body),
    ...decodeToolChoice(body),
    responseFormat: output.responseFormat,
    reasoning: output.effort === undefined ? thinking : { ...thinking, effort: output.effort },
    maxTokens: optionalNumber(body, 'max_tokens'),
    stop: decodeStop(body),
    temperature: optionalNumber(body, 'temperature'),
    topP: optionalNumber(body, 'top_p'),
    topK: optionalNumber(body, 'top_k'),
    user,
    // Anthropic's clients get the usage of every stream without asking.
    includeUsage: stream,
    // The model does not tell "no stream" from silence.
    ...extended(own, stream === false ? { stream } : undefined),
  })
}

function decodeStop(body: JsonObject): string[] | undefined {
  return optionalArray(body, 'stop_sequences')?.map((item, index) => {
    if (typeof item === 'string') return item
    throw invalidRequest(`"stop_sequences[${index}]" must be a text.`, `stop_sequences[${index}]`)
  })
}

function decodeMetadata(body: JsonObject): { user?: string; rest?: JsonObject } {
  const metadata = optionalObject(body, 'metadata')
  if (metadata === undefined) return {}
  const user = optionalString(metadata, 'user_id', 'metadata.')
  if (user === undefined) return { rest: metadata }
  const { user_id: _, ...rest } = metadata
  return Object.keys(rest).length > 0 ? { user, rest } : { user }
}
