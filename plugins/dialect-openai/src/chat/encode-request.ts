/** The canonical request → a body for an upstream. What this API has no word for is reported. */
import type { ChatRequest, JsonObject, Reasoning, RequestContext } from '@sluice/core'
import { Drops, refuseStoredFiles, withOwnProofs } from '@sluice/dialect-kit'
import type { Taking } from '@sluice/dialect-kit'
import { effortOf } from '../effort.ts'
import { TAKER } from '../unfit-media.ts'
import { restore, spellingOf } from '../kept.ts'
import { checkTier, writeSettings, writeStop } from '../settings.ts'
import { writeStream } from '../streaming.ts'
import { DIALECT as SIBLING } from '../responses/extensions.ts'
import { DIALECT, keptIn } from './extensions.ts'
import { encodeMessages } from './messages.ts'
import { encodeResponseFormat } from './response-format.ts'
import { SETTINGS } from './settings.ts'
import { encodeToolChoice, encodeTools } from './tools.ts'

/** Vendors that show their thoughts read them without proof, too. */
const TAKING: Taking = { dialect: DIALECT, family: DIALECT, bareThoughts: true }

/** Throws `invalid_request` for what runs or means something at providers of another dialect only. */
export function encodeRequest(request: ChatRequest, context: RequestContext): JsonObject {
  const drops = new Drops(context, DIALECT)
  drops.addForeign(request.extensions)
  const own = DIALECT in request.extensions
  const kept = keptIn(request)
  const spelling = spellingOf(kept)
  const { tools, toolChoice, responseFormat, reasoning, metadata } = request

  // Both of OpenAI's dialects know the ids of its files.
  if (!own && !(SIBLING in request.extensions)) refuseStoredFiles(request.messages, TAKER)
  const body: JsonObject = {
    ...restore(kept),
    model: context.model,
    messages: encodeMessages(
      withOwnProofs(request, TAKING, (param, why) => drops.add(param, why)),
      own,
      drops,
    ),
  }
  writeSettings(request, SETTINGS, body)
  set(body, 'tools', tools && encodeTools(tools, drops))
  set(body, 'tool_choice', toolChoice && encodeToolChoice(toolChoice, spelling.tool_choice, drops))
  set(body, 'response_format', responseFormat && encodeResponseFormat(responseFormat, drops))
  set(body, 'reasoning_effort', reasoning && encodeEffort(reasoning, own, drops))
  set(body, 'stop', writeStop(request, spelling))
  set(body, 'metadata', metadata)
  encodeLimit(request, body, spelling.limit)
  encodeTopK(request, body, spelling.top_k !== undefined, drops)
  writeStream(request, body, own, spelling)
  if (!own) checkTier(request, body, drops)
  return body
}

function set(body: JsonObject, field: string, value: unknown): void {
  if (value !== undefined) body[field] = value
}

function encodeLimit({ maxTokens }: ChatRequest, body: JsonObject, spelling: unknown): void {
  if (maxTokens === undefined) return
  body[spelling === 'max_tokens' ? 'max_tokens' : 'max_completion_tokens'] = maxTokens
  if (typeof spelling === 'object') Object.assign(body, spelling)
}

function encodeTopK({ topK }: ChatRequest, body: JsonObject, isWritten: boolean, drops: Drops): void {
  if (topK === undefined) return
  if (isWritten) body.top_k = topK
  else drops.add('top_k', 'this API has no such parameter')
}

function encodeEffort(reasoning: Reasoning, own: boolean, drops: Drops): string | undefined {
  drops.addForeign(reasoning.extensions, 'reasoning.')
  if (reasoning.summary !== undefined) drops.add('reasoning.summary', 'this API shows no summary of the thinking')
  return effortOf(reasoning, own)
}
