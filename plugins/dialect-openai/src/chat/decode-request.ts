/** A client's body → the canonical request. Strict: what has the wrong type is refused and named. */
import type { ChatRequest, JsonObject } from '@sluice/core'
import {
  defined,
  optionalArray,
  optionalNumber,
  optionalObject,
  optionalString,
  requiredArray,
} from '@sluice/dialect-kit'
import { fields, keep } from '../kept.ts'
import { fieldsOf, readMetadata, readSettings, readStop } from '../settings.ts'
import { readStream } from '../streaming.ts'
import { DIALECT } from './extensions.ts'
import { decodeMessages } from './messages.ts'
import { decodeResponseFormat } from './response-format.ts'
import { SETTINGS } from './settings.ts'
import { decodeToolChoice, decodeTools } from './tools.ts'

const FIELDS = fields(
  ...fieldsOf(SETTINGS),
  'model messages stream stream_options tools tool_choice response_format reasoning_effort',
  'max_tokens max_completion_tokens stop top_k metadata',
)

/** Throws `invalid_request` with the path of the field. Keeps what it does not know. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const spelling: JsonObject = {}
  const tools = optionalArray(body, 'tools')
  const effort = optionalString(body, 'reasoning_effort')
  const format = optionalObject(body, 'response_format')
  const responseFormat = format && decodeResponseFormat(format)
  const request = defined<ChatRequest>({
    operation: 'chat',
    model: optionalString(body, 'model') ?? '',
    ...readStream(body, spelling),
    messages: decodeMessages(requiredArray(body, 'messages')),
    tools: tools && decodeTools(tools),
    toolChoice: decodeChoice(body, spelling),
    responseFormat,
    reasoning: effort === undefined ? undefined : { effort },
    maxTokens: decodeLimit(body, spelling),
    stop: readStop(body, spelling),
    topK: decodeTopK(body, spelling),
    metadata: readMetadata(body),
    extensions: {},
  })
  readSettings(body, SETTINGS, request)
  const kept = keep(body, FIELDS, spelling)
  if (format !== undefined && responseFormat === undefined) kept.response_format = format
  // Always there: it tells the encoder that the request came in this dialect.
  request.extensions[DIALECT] = kept
  return request
}

function decodeChoice(body: JsonObject, spelling: JsonObject): ChatRequest['toolChoice'] {
  const choice = body.tool_choice ?? undefined
  if (choice === undefined || choice === '') return undefined
  if (choice === 'any') spelling.tool_choice = 'any'
  return decodeToolChoice(choice)
}

/** `max_tokens` is the older name; vendors other than OpenAI may know only that. */
function decodeLimit(body: JsonObject, spelling: JsonObject): number | undefined {
  const older = optionalNumber(body, 'max_tokens')
  const limit = optionalNumber(body, 'max_completion_tokens')
  if (older !== undefined) spelling.limit = limit === undefined ? 'max_tokens' : { max_tokens: older }
  return limit ?? older
}

/** OpenAI has no such parameter; many vendors that speak this dialect do. */
function decodeTopK(body: JsonObject, spelling: JsonObject): number | undefined {
  const topK = optionalNumber(body, 'top_k')
  if (topK !== undefined) spelling.top_k = 'written'
  return topK
}
