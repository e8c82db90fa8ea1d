/** A client's body → the canonical request. Strict: what has the wrong type is refused and named. */
import { invalidRequest } from '@sluice/core'
import type { ChatRequest, JsonObject } from '@sluice/core'
import {
  defined,
  optionalArray,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  requiredArray,
} from '@sluice/dialect-kit'
import { fields, keep } from '../kept.ts'
import { fieldsOf, readMetadata, readSettings } from '../settings.ts'
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
    stream: decodeStream(body, spelling),
    messages: decodeMessages(requiredArray(body, 'messages')),
    tools: tools && decodeTools(tools),
    toolChoice: decodeChoice(body, spelling),
    responseFormat,
    reasoning: effort === undefined ? undefined : { effort },
    maxTokens: decodeLimit(body, spelling),
    stop: decodeStop(body, spelling),
    topK: decodeTopK(body, spelling),
    metadata: readMetadata(body),
    includeUsage: decodeIncludeUsage(body, spelling),
    extensions: {},
  })
  readSettings(body, SETTINGS, request)
  const kept = keep(body, FIELDS, spelling)
  if (format !== undefined && responseFormat === undefined) kept.response_format = format
  // Always there: it tells the encoder that the request came in this dialect.
  request.extensions[DIALECT] = kept
  return request
}

function decodeStream(body: JsonObject, spelling: JsonObject): boolean {
  const stream = optionalBoolean(body, 'stream')
  if (stream === false) spelling.stream = 'false'
  return stream ?? false
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

function decodeStop(body: JsonObject, spelling: JsonObject): string[] | undefined {
  const { stop } = body
  if (typeof stop === 'string') {
    if (stop !== '') spelling.stop = 'text'
    return stop === '' ? undefined : [stop]
  }
  const list = optionalArray(body, 'stop')
  const texts = list?.filter((item) => typeof item === 'string')
  if (texts?.length !== list?.length) throw invalidRequest('"stop" must be a string or an array of strings.', 'stop')
  return texts
}

/** OpenAI has no such parameter; many vendors that speak this dialect do. */
function decodeTopK(body: JsonObject, spelling: JsonObject): number | undefined {
  const topK = optionalNumber(body, 'top_k')
  if (topK !== undefined) spelling.top_k = 'written'
  return topK
}

function decodeIncludeUsage(body: JsonObject, spelling: JsonObject): boolean | undefined {
  const options = optionalObject(body, 'stream_options')
  if (options === undefined) return undefined
  spelling.stream_options = options
  return optionalBoolean(options, 'include_usage', 'stream_options.')
}
