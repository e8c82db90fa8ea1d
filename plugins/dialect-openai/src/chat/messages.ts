/** A request's messages, both directions. */
import type { JsonObject, Message, Part, Role, ToolResultPart } from '@sluice/core'
import { arrange, foreignPart, itemObject, textOf, unmarkedParts } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'
import { decodeAssistant, encodeAssistant } from './assistant.ts'
import { checkMessage } from './check.ts'
import { TAKER, isMedia, unfitMedia } from '../unfit-media.ts'
import { fields, keep, restore, spellingOf } from '../kept.ts'
import { DIALECT, extensions, keptIn } from './extensions.ts'
import type { Kept } from '../kept.ts'
import { decodeContent, encodePart, rawPart } from './parts.ts'

const FIELDS = fields('role content name')
const TOOL_FIELDS = fields('role content tool_call_id name')

/** Throws `invalid_request` on a wrong shape. */
export function decodeMessages(messages: readonly unknown[]): Message[] {
  return messages.map((item, index) => {
    const wire = itemObject(item, `messages[${index}]`)
    checkMessage(wire, `messages[${index}].`)
    return decodeMessage(wire)
  })
}

function decodeMessage(wire: JsonObject): Message {
  switch (wire.role) {
    case 'assistant': {
      const { parts, kept } = decodeAssistant(wire)
      return {
        role: 'assistant',
        parts: unmarkedParts(parts, DIALECT),
        ...named(wire),
        extensions: { [DIALECT]: kept },
      }
    }
    case 'tool':
      return { role: 'tool', parts: [decodeResult(wire)] }
    case 'function':
      // The API before tools; its answers have no call ids that another dialect could use.
      return { role: 'tool', parts: [rawPart(wire, 'content')] }
    default: {
      const kept = keep(wire, FIELDS, contentSpelling(wire))
      return { role: wire.role as Role, parts: decodeContent(wire.content), ...named(wire), ...extensions(kept) }
    }
  }
}

function decodeResult(wire: JsonObject): ToolResultPart {
  return {
    type: 'tool-result',
    callId: textOf(wire.tool_call_id) ?? '',
    ...named(wire),
    content: decodeContent(wire.content),
    ...extensions(
      keep(wire, TOOL_FIELDS, { ...contentSpelling(wire), ...(wire.name !== undefined && { name: 'written' }) }),
    ),
  }
}

function named(wire: JsonObject): { name?: string } {
  return typeof wire.name === 'string' ? { name: wire.name } : {}
}

/** One text is written as a text or as a list, several things always as a list. */
function contentSpelling({ content }: JsonObject): JsonObject {
  if (content === undefined) return { content: 'absent' }
  return Array.isArray(content) && content.length > 0 ? { content: 'list' } : {}
}

/** @param own whether the request came in this dialect: then its order is the client's business */
export function encodeMessages(messages: readonly Message[], own: boolean, drops: Drops): JsonObject[] {
  return (own ? messages : arrange(messages, isText)).flatMap((message) => {
    drops.addForeign(message.extensions, 'messages.')
    return message.role === 'assistant' ? [encodeAssistantTurn(message, drops)] : encodeTurn(message, drops)
  })
}

/** Text files are written as text, too. */
function isText(part: Part): boolean {
  return part.type === 'text' || (part.type === 'file' && part.source.kind === 'text')
}

/** Results of tools are messages of their own, ahead of what else the turn says. */
function encodeTurn(message: Message, drops: Drops): JsonObject[] {
  const turns: JsonObject[] = []
  const said: Part[] = []
  for (const part of message.parts) {
    if (part.type === 'tool-result') turns.push(encodeResult(part, drops))
    else if (message.role === 'tool' && part.type === 'raw') turns.push(encodePart(part, message.role, drops) ?? {})
    else said.push(part)
  }
  if (said.length > 0 || turns.length === 0) {
    const kept = keptIn(message)
    turns.push({
      ...restore(kept),
      role: message.role === 'tool' ? 'user' : message.role,
      ...encodeContent(said, message.role, kept, drops),
      ...named({ name: message.name }),
    })
  }
  return turns
}

function encodeResult(part: ToolResultPart, drops: Drops): JsonObject {
  const kept = keptIn(part)
  drops.addForeign(part.extensions, 'messages.')
  if (part.isError) drops.add('messages.is_error', 'this API does not tell failed tool results apart')
  return {
    ...restore(kept),
    role: 'tool',
    tool_call_id: part.callId,
    ...encodeContent(part.content, 'tool', kept, drops),
    // Other dialects name the tool here; in this one the id says enough.
    ...(spellingOf(kept).name !== undefined && named({ name: part.name })),
  }
}

/** The field `content`, or nothing if what is kept has it already. */
function encodeContent(
  parts: readonly Part[],
  role: Role,
  kept: Kept | undefined,
  drops: Drops,
): { content?: unknown } {
  const items = parts.flatMap<JsonObject>((part) => encodePart(part, role, drops) ?? [])
  if (items.length === 0) {
    const spelling = spellingOf(kept).content
    return spelling === undefined || spelling === 'list' ? { content: '' } : {}
  }
  const [first] = items
  const isText = items.length === 1 && first?.type === 'text' && Object.keys(first).length === 2
  return { content: isText && spellingOf(kept).content !== 'list' ? first.text : items }
}

/** An echoed answer goes back as it came; from another dialect only what this API takes in a request. */
function encodeAssistantTurn(message: Message, drops: Drops): JsonObject {
  const kept = keptIn(message)
  const parts = kept === undefined ? message.parts.flatMap((part) => sayable(part, drops)) : message.parts
  return { ...encodeAssistant(parts, kept), ...named({ name: message.name }) }
}

function sayable(part: Part, drops: Drops): Part[] {
  drops.addForeign(part.extensions, 'messages.')
  if (part.cache !== undefined) drops.add('cache_control', 'this API caches prompts by itself')
  switch (part.type) {
    case 'text': {
      const { citations, ...text } = part
      if (citations !== undefined) drops.add('messages.citations', 'this API takes none back')
      return [text]
    }
    // Some vendors want their thoughts back; providers of others leave these out.
    case 'tool-call':
    case 'reasoning':
    case 'refusal':
      return [part]
    case 'raw':
      throw foreignPart(part, TAKER)
    default:
      // An answer in sound goes back by its id.
      if (part.type === 'audio' && part.source.kind === 'file') return [part]
      if (part.type === 'audio' && part.transcript !== undefined) return [{ type: 'text', text: part.transcript }]
      if (isMedia(part)) throw unfitMedia(part, 'assistant')
      drops.add(`messages.${part.type}`, 'this API takes no such part from the assistant')
      return []
  }
}
