/** The conversation in both directions. Anthropic keeps the system prompt beside the messages. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, Message, Part, Role } from '@sluice/core'
import { itemObject, requiredArray, unmarkedParts } from '@sluice/dialect-kit'
import { extended, kept, leftovers, NAME, spellingOf } from '../extensions.ts'
import { compact, decodeContent, encodeContent } from './parts.ts'

const FIELDS = new Set(['role', 'content'])
const ROLES: ReadonlySet<unknown> = new Set<Role>(['user', 'assistant', 'system'])

/** The system prompt comes first, as a message of its own. */
export function decodeMessages(body: JsonObject): Message[] {
  const messages = requiredArray(body, 'messages').map((item, index) => {
    const at = `messages[${index}]`
    return decodeMessage(itemObject(item, at), at)
  })
  if (body.system === undefined || body.system === null) return messages
  const { parts, spelling } = decodeContent(body.system, 'system')
  return [{ role: 'system', parts, ...extended(undefined, spelling) }, ...messages]
}

function decodeMessage(message: JsonObject, at: string): Message {
  const { role } = message
  if (!ROLES.has(role)) throw invalidRequest(`"${at}.role" must be user, assistant or system.`, `${at}.role`)
  const { parts, spelling } = decodeContent(message.content, `${at}.content`)
  // Newer models take system messages in the middle of a conversation, where they must stay.
  const placed = role === 'system' ? { ...spelling, role } : spelling
  return { role: role as Role, parts: unmarkedParts(parts, NAME), ...extended(leftovers(message, FIELDS), placed) }
}

/** A message on the wire. */
interface Turn extends JsonObject {
  role: 'user' | 'assistant' | 'system'
  content: string | JsonObject[]
}

interface Conversation {
  system: string | JsonObject[] | undefined
  turns: Turn[]
}

/** One turn for each message; the system messages are gathered in `system`. */
export function encodeMessages(messages: readonly Message[]): Conversation {
  const system: Message[] = []
  const turns: Turn[] = []
  for (const [index, message] of messages.entries()) {
    if (isSystem(message)) system.push(message)
    else turns.push(encodeTurn(message, `messages[${index}]`))
  }
  return { system: encodeSystem(system), turns }
}

function isSystem(message: Message): boolean {
  return message.role === 'developer' || (message.role === 'system' && spellingOf(message).role !== 'system')
}

function encodeTurn(message: Message, at: string): Turn {
  const role = message.role === 'assistant' || message.role === 'system' ? message.role : 'user'
  return { ...kept(message), role, content: encodeContent(message.parts, `${at}.content`, message) }
}

function encodeSystem(messages: readonly Message[]): string | JsonObject[] | undefined {
  const [first] = messages
  if (first === undefined) return undefined
  const parts: Part[] = messages.flatMap((message) => message.parts)
  for (const { type } of parts) {
    if (type !== 'text' && type !== 'refusal' && type !== 'raw') {
      throw invalidRequest(`System messages are text for Claude; this one has a part of type "${type}".`, 'messages')
    }
  }
  return encodeContent(parts, 'system', messages.length === 1 ? first : {})
}

/**
 * The order that Anthropic wants: roles alternate, nothing is empty, and the results of tools come
 * first in the user's turn.
 */
export function alternate(turns: readonly Turn[]): Turn[] {
  const merged: { role: Turn['role']; blocks: JsonObject[] }[] = []
  for (const { role, content } of turns) {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
    const last = merged.at(-1)
    if (last?.role === role) for (const block of blocks) last.blocks.push(block)
    else if (blocks.length > 0) merged.push({ role, blocks: [...blocks] })
  }
  return merged.map(({ role, blocks }) => ({ role, content: compact(role === 'user' ? resultsFirst(blocks) : blocks) }))
}

function resultsFirst(blocks: JsonObject[]): JsonObject[] {
  const isResult = (block: JsonObject): boolean => block.type === 'tool_result'
  return [...blocks.filter(isResult), ...blocks.filter((block) => !isResult(block))]
}
