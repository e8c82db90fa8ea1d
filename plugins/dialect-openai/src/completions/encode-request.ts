/** The canonical request → a body for an upstream. What this API has no word for is reported. */
import { invalidRequest } from '@sluice/core'
import type { ChatRequest, JsonObject, Message, Part, RequestContext, Role } from '@sluice/core'
import { Drops, foreignPart, objectOf } from '@sluice/dialect-kit'
import { TAKER, isMedia, unfitMedia } from '../unfit-media.ts'
import { restore, spellingOf } from '../kept.ts'
import { writeSettings, writeStop } from '../settings.ts'
import { writeStream } from '../streaming.ts'
import { DIALECT, keptIn } from './extensions.ts'
import { SETTINGS } from './settings.ts'

/** Throws `invalid_request` for a conversation: this API completes one text. */
export function encodeRequest(request: ChatRequest, context: RequestContext): JsonObject {
  const drops = new Drops(context, DIALECT)
  drops.addForeign(request.extensions)
  reportUnknown(request, drops)
  const own = DIALECT in request.extensions
  const kept = keptIn(request)
  const spelling = spellingOf(kept)
  const prompt = promptIn(request.messages, drops)
  const body: JsonObject = {
    ...restore(kept),
    ...objectOf(spelling.silent),
    model: context.model,
    prompt: spelling.prompt === 'list' && typeof prompt === 'string' ? [prompt] : prompt,
  }
  writeSettings(request, SETTINGS, body)
  const stop = writeStop(request, spelling)
  if (stop !== undefined) body.stop = stop
  writeStream(request, body, own, spelling)
  return body
}

/** By field of the canonical request: the name that clients know. */
const UNKNOWN: readonly (readonly [field: keyof ChatRequest, param: string])[] = [
  ['tools', 'tools'],
  ['toolChoice', 'tool_choice'],
  ['parallelToolCalls', 'parallel_tool_calls'],
  ['responseFormat', 'response_format'],
  ['reasoning', 'reasoning'],
  ['topK', 'top_k'],
  ['logprobs', 'logprobs'],
  ['topLogprobs', 'top_logprobs'],
  ['metadata', 'metadata'],
  ['serviceTier', 'service_tier'],
]

function reportUnknown(request: ChatRequest, drops: Drops): void {
  for (const [field, param] of UNKNOWN)
    if (request[field] !== undefined) drops.add(param, 'this API has no such parameter')
}

/** Instructions and question in a row, or the prompt as its client wrote it. */
function promptIn(messages: readonly Message[], drops: Drops): unknown {
  const said = messages.flatMap(({ role, parts }) => {
    if (role === 'assistant' || role === 'tool')
      throw invalidRequest('The target completes one text: it takes no conversation.', 'messages')
    return parts.map((part) => ({ part, role }))
  })
  const first = said[0]?.part
  if (said.length === 1 && first?.type === 'raw' && first.dialect === DIALECT) return first.value.prompt
  return said.flatMap(({ part, role }) => textIn(part, role, drops)).join('\n\n')
}

function textIn(part: Part, role: Role, drops: Drops): string[] {
  drops.addForeign(part.extensions, 'messages.')
  if (part.cache !== undefined) drops.add('cache_control', 'this API has no such parameter')
  if (part.type === 'text') return [part.text]
  if (part.type === 'raw') throw foreignPart(part, TAKER)
  if (isMedia(part)) throw unfitMedia(part, role)
  drops.add(`messages.${part.type}`, 'this API takes text only')
  return []
}
