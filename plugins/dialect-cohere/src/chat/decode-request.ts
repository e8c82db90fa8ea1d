import { invalidRequest } from '@sluice/core'
import type { ChatRequest, JsonObject } from '@sluice/core'
import { defined, isObject, optionalArray, optionalBoolean, optionalNumber, requiredString } from '@sluice/dialect-kit'
import { extended, leftovers } from '../extensions.ts'
import { decodeMessages, takesDocuments } from './messages.ts'
import { decodeResponseFormat } from './response-format.ts'
import { decodeThinking } from './thinking.ts'
import { decodeToolChoice, decodeTools } from './tools.ts'

const FIELDS = new Set([
  'model',
  'messages',
  'documents',
  'stream',
  'tools',
  'strict_tools',
  'tool_choice',
  'response_format',
  'thinking',
  'max_tokens',
  'stop_sequences',
  'temperature',
  'p',
  'k',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logprobs',
])

/** A client's `POST /v2/chat`. What the model has no word for is kept in `extensions.cohere`. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const stream = optionalBoolean(body, 'stream')
  const { tools, strict } = decodeTools(body)
  const messages = decodeMessages(body)
  const responseFormat = decodeResponseFormat(body)
  const reasoning = decodeThinking(body)
  const { rest, spelling } = leftovers(body, FIELDS, stream === false ? { stream } : undefined)
  if (strict !== undefined) rest.strict_tools = strict
  if (responseFormat === undefined && isObject(body.response_format)) rest.response_format = body.response_format
  if (reasoning === undefined && isObject(body.thinking)) rest.thinking = body.thinking
  if (!takesDocuments(messages) && (optionalArray(body, 'documents') ?? []).length > 0) rest.documents = body.documents
  return defined<ChatRequest>({
    operation: 'chat',
    model: requiredString(body, 'model'),
    stream: stream ?? false,
    messages,
    tools,
    toolChoice: decodeToolChoice(body),
    responseFormat,
    reasoning,
    maxTokens: optionalNumber(body, 'max_tokens'),
    stop: decodeStop(body),
    temperature: optionalNumber(body, 'temperature'),
    topP: optionalNumber(body, 'p'),
    topK: optionalNumber(body, 'k'),
    frequencyPenalty: optionalNumber(body, 'frequency_penalty'),
    presencePenalty: optionalNumber(body, 'presence_penalty'),
    seed: optionalNumber(body, 'seed'),
    logprobs: optionalBoolean(body, 'logprobs'),
    // Cohere's clients get the usage of every stream without asking.
    includeUsage: stream,
    ...extended(rest, spelling),
  })
}

/** An empty list asks for nothing. */
function decodeStop(body: JsonObject): string[] | undefined {
  const stop = optionalArray(body, 'stop_sequences')?.map((item, index) => {
    if (typeof item === 'string') return item
    throw invalidRequest(`"stop_sequences[${index}]" must be a text.`, `stop_sequences[${index}]`)
  })
  return stop?.length ? stop : undefined
}
