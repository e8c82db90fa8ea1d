/** A client's body → the canonical request. Strict: what has the wrong type is refused and named. */
import type { ChatRequest, JsonObject, Message, Reasoning } from '@sluice/core'
import { defined, optionalArray, optionalBoolean, optionalObject, optionalString } from '@sluice/dialect-kit'
import { fields, keep } from '../kept.ts'
import { fieldsOf, readMetadata, readSettings } from '../settings.ts'
import { DIALECT, extensions } from './extensions.ts'
import { decodeInputItems, decodeInstructions } from './input.ts'
import { SETTINGS } from './settings.ts'
import { decodeText } from './text.ts'
import { decodeToolChoice, decodeTools } from './tools.ts'

const FIELDS = fields(
  ...fieldsOf(SETTINGS),
  'model input instructions stream stream_options tools tool_choice text reasoning metadata include',
)
/** Fields that only this API has, and the value with which they say what holds at other providers anyway. */
const USUAL: JsonObject = { stream: false, background: false, store: false, truncation: 'disabled' }
const REASONING_FIELDS = fields('effort summary')

/** What `include` asks for that the canonical request has a word for. */
export const LOGPROBS = 'message.output_text.logprobs'

/** Throws `invalid_request` with the path of the field. Keeps what it does not know. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const spelling: JsonObject = { silent: silentFields(body) }
  const tools = optionalArray(body, 'tools')
  const choice = body.tool_choice ?? undefined
  const text = optionalObject(body, 'text')
  const said = text && decodeText(text)
  const reasoning = optionalObject(body, 'reasoning')
  const request = defined<ChatRequest>({
    operation: 'chat',
    model: optionalString(body, 'model') ?? '',
    stream: optionalBoolean(body, 'stream') ?? false,
    messages: decodeMessages(body, spelling),
    tools: tools && decodeTools(tools),
    toolChoice: choice === undefined || choice === '' ? undefined : decodeToolChoice(choice),
    responseFormat: said?.format,
    reasoning: reasoning && decodeReasoning(reasoning),
    logprobs: optionalArray(body, 'include')?.includes(LOGPROBS) ? true : undefined,
    metadata: readMetadata(body),
    extensions: {},
  })
  readSettings(body, SETTINGS, request)
  if (said !== undefined) spelling.text = said.kept
  const kept = keep(body, FIELDS, spelling)
  for (const field in USUAL) if (body[field] === USUAL[field] || body[field] === null) delete kept[field]
  if (said?.verbosity !== undefined) kept.verbosity = said.verbosity
  for (const _ in said?.kept) kept.text = said?.kept
  // Always there: it tells the encoder that the request came in this dialect.
  request.extensions[DIALECT] = kept
  return request
}

/**
 * What other dialects need not know of and would report as lost: padding of streams, what an answer is to
 * include (it is there anyway, or belongs to tools that only this API has), and values that change nothing.
 */
function silentFields(body: JsonObject): JsonObject {
  const silent = defined({
    stream_options: optionalObject(body, 'stream_options'),
    include: optionalArray(body, 'include'),
  }) as JsonObject
  for (const field in USUAL) if (body[field] === USUAL[field] || body[field] === null) silent[field] = body[field]
  return silent
}

function decodeMessages(body: JsonObject, spelling: JsonObject): Message[] {
  const instructions = optionalString(body, 'instructions')
  const before = instructions ? [decodeInstructions(instructions)] : []
  if (typeof body.input !== 'string') return [...before, ...decodeInputItems(optionalArray(body, 'input') ?? [])]
  spelling.input = 'text'
  return [...before, { role: 'user', parts: [{ type: 'text', text: body.input }] }]
}

function decodeReasoning(wire: JsonObject): Reasoning {
  return defined<Reasoning>({
    effort: optionalString(wire, 'effort', 'reasoning.'),
    summary: optionalString(wire, 'summary', 'reasoning.'),
    ...extensions(keep(wire, REASONING_FIELDS, { reasoning: 'written' })),
  })
}
