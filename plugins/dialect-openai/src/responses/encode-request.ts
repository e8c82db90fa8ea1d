/** The canonical request → a body for an upstream. What this API has no word for is reported. */
import type { ChatRequest, Extensions, JsonObject, Message, Reasoning, RequestContext } from '@sluice/core'
import { Drops, objectOf, refuseStoredFiles, withOwnProofs } from '@sluice/dialect-kit'
import type { Taking } from '@sluice/dialect-kit'
import { DIALECT as SIBLING } from '../chat/extensions.ts'
import { effortOf } from '../effort.ts'
import { TAKER } from '../unfit-media.ts'
import { fields, restore, spellingOf } from '../kept.ts'
import { checkTier, writeSettings } from '../settings.ts'
import { LOGPROBS } from './decode-request.ts'
import { DIALECT, keptIn } from './extensions.ts'
import { encodeInputItems, instructionsIn } from './input.ts'
import { SETTINGS } from './settings.ts'
import { encodeFormat } from './text.ts'
import { encodeToolChoice, encodeTools } from './tools.ts'

/** Fields that OpenAI's chat API has, too. */
const SHARED = fields(
  'prompt_cache_key prompt_cache_retention prompt_cache_options safety_identifier moderation verbosity',
)
/** OpenAI takes back only thoughts of its own. */
const TAKING: Taking = { dialect: DIALECT, family: DIALECT, bareThoughts: false }
const SUMMARIES: ReadonlySet<string> = new Set(['auto', 'concise', 'detailed'])

/** Throws `invalid_request` for what runs or means something at providers of another dialect only. */
export function encodeRequest(request: ChatRequest, context: RequestContext): JsonObject {
  const drops = new Drops(context, DIALECT)
  const own = DIALECT in request.extensions
  const kept = keptIn(request)
  const spelling = spellingOf(kept)
  const { shared, others } = own ? { shared: {}, others: request.extensions } : siblingFields(request.extensions)
  const { verbosity, ...fields } = { ...shared, ...restore(kept) }
  const { tools, toolChoice, responseFormat, reasoning, metadata, stream } = request
  drops.addForeign(others)
  reportUnknown(request, drops)

  // Both of OpenAI's dialects know the ids of its files.
  if (!own && !(SIBLING in request.extensions)) refuseStoredFiles(request.messages, TAKER)
  const messages = withOwnProofs(request, TAKING, (param, why) => drops.add(param, why))
  const body: JsonObject = { ...fields, ...objectOf(spelling.silent), model: context.model }
  encodeMessages(messages, body, own, spelling.input === 'text', drops)
  writeSettings(request, SETTINGS, body)
  set(body, 'tools', tools && encodeTools(tools, own, drops))
  set(body, 'tool_choice', toolChoice && encodeToolChoice(toolChoice))
  if (toolChoice?.type === 'raw' && toolChoice.dialect !== DIALECT)
    drops.add('tool_choice', `only ${toolChoice.dialect} knows this form`)
  const text = objectOf(spelling.text)
  if (text !== undefined || responseFormat !== undefined || verbosity !== undefined) {
    body.text = { ...restore(text), ...(responseFormat && { format: encodeFormat(responseFormat, drops) }) }
    set(body.text as JsonObject, 'verbosity', verbosity)
  }
  set(body, 'reasoning', reasoning && encodeReasoning(reasoning, own, drops))
  set(body, 'metadata', metadata)
  if (stream) body.stream = true
  if (!own) {
    checkTier(request, body, drops)
    includeAll(request, body)
    // Other APIs keep nothing; this one would keep the conversation for a month.
    body.store = false
  }
  return body
}

function set(body: JsonObject, field: string, value: unknown): void {
  if (value !== undefined) body[field] = value
}

/** Values that say what holds anyway are no loss. */
function reportUnknown(request: ChatRequest, drops: Drops): void {
  const why = 'this API has no such parameter'
  if (request.stop?.length) drops.add('stop', why)
  if (request.topK !== undefined) drops.add('top_k', why)
  if (request.seed !== undefined) drops.add('seed', why)
  if (request.frequencyPenalty) drops.add('frequency_penalty', why)
  if (request.presencePenalty) drops.add('presence_penalty', why)
  if (request.n !== undefined && request.n !== 1) drops.add('n', 'this API gives one answer')
}

/** What a client of the chat API said that goes along, and all else that only other dialects know. */
function siblingFields(extensions: Extensions): { shared: JsonObject; others: Extensions } {
  const shared: JsonObject = {}
  const rest: JsonObject = {}
  for (const [field, value] of Object.entries(extensions[SIBLING] ?? {}))
    (SHARED.has(field) ? shared : rest)[field] = value
  return { shared, others: { ...extensions, [SIBLING]: rest } }
}

function encodeMessages(
  messages: readonly Message[],
  body: JsonObject,
  own: boolean,
  wasText: boolean,
  drops: Drops,
): void {
  const before = messages.find((message) => instructionsIn(message) !== undefined)
  if (before !== undefined) body.instructions = instructionsIn(before)
  const others = messages.filter((message) => message !== before)
  const [only] = others
  const [part] = only?.parts ?? []
  const isText = wasText && others.length === 1 && only?.role === 'user' && only.parts.length === 1
  if (isText && part?.type === 'text') body.input = part.text
  else if (others.length > 0) body.input = encodeInputItems(others, own, drops)
}

function encodeReasoning(reasoning: Reasoning, own: boolean, drops: Drops): JsonObject | undefined {
  drops.addForeign(reasoning.extensions, 'reasoning.')
  const effort = effortOf(reasoning, own)
  const wire = restore(keptIn(reasoning))
  set(wire, 'effort', effort)
  set(wire, 'summary', own ? reasoning.summary : summaryOf(reasoning))
  return own || Object.keys(wire).length > 0 ? wire : undefined
}

/** The form of visible thinking, in a word of this API. */
function summaryOf({ summary }: Reasoning): string | undefined {
  if (summary === undefined || summary === 'omitted' || summary === 'none') return undefined
  return SUMMARIES.has(summary) ? summary : 'auto'
}

/** What clients of other dialects get without asking is asked for. Models that do not think refuse the second. */
function includeAll({ logprobs, reasoning }: ChatRequest, body: JsonObject): void {
  const include = [
    ...(logprobs === true ? [LOGPROBS] : []),
    ...(reasoning !== undefined && body.reasoning !== undefined && reasoning.effort !== 'none'
      ? ['reasoning.encrypted_content']
      : []),
  ]
  if (include.length > 0) body.include = include
}
