/** Conversations of other dialects, in the order that Gemini wants and without what it refuses in them. */
import { invalidRequest } from '@sluice/core'
import type { Message, Part, RequestContext, ToolCallPart, ToolResultPart } from '@sluice/core'
import type { Abilities } from './models.ts'

type Drop = RequestContext['drop']
type Calls = Map<string, { name: string; order: number }>

/**
 * System messages as they are; of the others, turns of user and model in alternation, with the results of
 * functions first, in the order of their calls. Reports what is left out.
 * @throws GatewayError `invalid_request` for a function's result whose call is nowhere before it
 */
export function fitMessages(messages: readonly Message[], abilities: Abilities, drop: Drop): Message[] {
  const calls: Calls = new Map()
  const system: Message[] = []
  const turns: Message[] = []
  for (const [index, message] of messages.entries()) {
    if (message.name !== undefined) drop('messages.name', 'Gemini knows no names of participants')
    const parts = fitParts(message.parts, { calls, drop, abilities, path: `messages[${index}]` })
    if (parts.length === 0) continue
    if (message.role === 'system' || message.role === 'developer') {
      system.push(systemMessage(parts))
      continue
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const last = turns.at(-1)
    if (last?.role === role) for (const part of parts) last.parts.push(part)
    else turns.push({ role, parts })
  }
  for (const turn of turns)
    turn.parts = turn.role === 'user' ? resultsFirst(turn.parts, calls) : signed(turn.parts, abilities)
  return [...system, ...turns]
}

function systemMessage(parts: Part[]): Message {
  for (const { type } of parts) {
    if (type !== 'text' && type !== 'refusal' && type !== 'raw')
      throw invalidRequest(`System messages are text for Gemini; this one has a part of type "${type}".`, 'messages')
  }
  return { role: 'system', parts }
}

interface Fitting {
  calls: Calls
  drop: Drop
  abilities: Abilities
  /** Of the message. */
  path: string
}

function fitParts(parts: readonly Part[], fitting: Fitting): Part[] {
  return parts.flatMap((part) => fitPart(part, fitting))
}

function fitPart(part: Part, fitting: Fitting): Part | Part[] {
  const { calls, drop } = fitting
  if (part.cache) drop('cache_control', 'Gemini caches prompts by itself')
  switch (part.type) {
    case 'text':
      // Gemini refuses empty texts.
      if (part.citations?.length) drop('messages.citations', 'Gemini takes back no citations')
      return part.text === '' ? [] : { type: 'text', text: part.text }
    case 'refusal':
      return part.text === '' ? [] : { type: 'text', text: part.text }
    case 'reasoning':
      if (part.signature !== undefined) return { type: 'reasoning', text: part.text, signature: part.signature }
      drop('messages.reasoning', 'Gemini takes back only its own thoughts')
      return []
    case 'image':
      if (part.detail !== undefined && part.detail !== 'auto') drop('messages.detail', 'Gemini has no such parameter')
      return { type: 'image', source: part.source }
    case 'audio':
    case 'video':
      return { type: part.type, source: part.source }
    case 'file':
      if (part.source.kind === 'text') return { type: 'text', text: part.source.text }
      if (part.name !== undefined) drop('messages.filename', 'Gemini takes no names of files')
      return { type: 'file', source: part.source }
    case 'tool-call': {
      const { id, name, signature } = part
      calls.set(id, { name, order: calls.size })
      return { type: 'tool-call', id, name, arguments: part.arguments, ...(signature !== undefined && { signature }) }
    }
    case 'tool-result':
      return fitResult(part, fitting)
    case 'raw':
      return part
  }
}

/** Before Gemini 3, media stand beside the result. */
function fitResult(part: ToolResultPart, fitting: Fitting): Part[] {
  const call = fitting.calls.get(part.callId)
  if (call === undefined) {
    throw invalidRequest(
      `"${fitting.path}" is the result of a tool call "${part.callId}" that no message before it made.`,
      fitting.path,
    )
  }
  const content = fitParts(part.content, fitting)
  const isInside = (item: Part): boolean => fitting.abilities.signsCalls || item.type === 'text'
  const { callId, isError } = part
  const result: ToolResultPart = { type: 'tool-result', callId, name: call.name, content: content.filter(isInside) }
  return [isError ? { ...result, isError } : result, ...content.filter((item) => !isInside(item))]
}

function resultsFirst(parts: readonly Part[], calls: Calls): Part[] {
  const order = (part: Part): number => (part.type === 'tool-result' ? calls.get(part.callId)!.order : Infinity)
  return [...parts].sort((one, other) => (order(one) === order(other) ? 0 : order(one) - order(other)))
}

/** Stands for a signature that was never there (https://ai.google.dev/gemini-api/docs/thought-signatures). */
const NO_SIGNATURE = 'skip_thought_signature_validator'

/** Only the first of several calls bears a signature; models that insist on one get it, be it for show. */
export function signed(parts: Part[], { signsCalls }: Abilities): Part[] {
  const first = parts.findIndex((part) => part.type === 'tool-call')
  if (!signsCalls || first === -1) return parts
  const call = parts[first] as ToolCallPart
  return call.signature === undefined ? parts.with(first, { ...call, signature: NO_SIGNATURE }) : parts
}
