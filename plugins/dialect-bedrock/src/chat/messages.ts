/** The conversation in both directions. Bedrock keeps the system prompt beside the messages. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, Message, Role } from '@sluice/core'
import { itemObject, optionalArray, requiredArray, unmarkedParts } from '@sluice/dialect-kit'
import { extended, FAMILY, kept, leftovers, spellingOf } from '../extensions.ts'
import { decodeBlocks, encodeBlocks } from './blocks.ts'

const FIELDS = new Set(['role', 'content'])
const ROLES: ReadonlySet<unknown> = new Set<Role>(['user', 'assistant', 'system'])
/** Newer models take system messages in the middle of a conversation, where they must stay. */
const IN_PLACE: JsonObject = { place: 'messages' }

/** The system prompt comes first, as a message of its own. */
export function decodeMessages(body: JsonObject): Message[] {
  const messages = optionalArray(body, 'messages')?.map((item, index) => decodeMessage(item, `messages[${index}]`))
  const system = optionalArray(body, 'system')
  if (system === undefined) return messages ?? []
  return [{ role: 'system', parts: decodeBlocks(system, 'system') }, ...(messages ?? [])]
}

function decodeMessage(item: unknown, at: string): Message {
  const message = itemObject(item, at)
  const { role } = message
  if (!ROLES.has(role)) throw invalidRequest(`"${at}.role" must be user, assistant or system.`, `${at}.role`)
  return {
    role: role as Role,
    parts: unmarkedParts(decodeBlocks(requiredArray(message, 'content', `${at}.`), `${at}.content`), FAMILY),
    ...extended(leftovers(message, FIELDS), role === 'system' ? IN_PLACE : undefined),
  }
}

/** A message on the wire. */
export interface Turn extends JsonObject {
  role: 'user' | 'assistant' | 'system'
  content: JsonObject[]
}

export interface Conversation {
  /** Undefined if nobody spoke for the system. */
  system: JsonObject[] | undefined
  turns: Turn[]
}

/** One turn for each message; the system's are gathered in `system`. @throws GatewayError `invalid_request` */
export function encodeMessages(messages: readonly Message[]): Conversation {
  let system: JsonObject[] | undefined
  const turns: Turn[] = []
  for (const [index, message] of messages.entries()) {
    const content = encodeBlocks(message.parts, `messages[${index}].content`)
    if (isSystem(message)) system = system === undefined ? content : [...system, ...content]
    else turns.push({ ...kept(message), role: roleOf(message), content })
  }
  return { system, turns }
}

function isSystem(message: Message): boolean {
  return message.role === 'developer' || (message.role === 'system' && spellingOf(message).place === undefined)
}

function roleOf({ role }: Message): Turn['role'] {
  return role === 'assistant' || role === 'system' ? role : 'user'
}

/** The order that Bedrock wants: roles alternate, nothing is empty, and results of tools come first in the user's turn. */
export function alternate(turns: readonly Turn[]): Turn[] {
  const merged: Turn[] = []
  for (const { role, content } of turns) {
    const last = merged.at(-1)
    if (last?.role === role) for (const block of content) last.content.push(block)
    else if (content.length > 0) merged.push({ role, content: [...content] })
  }
  for (const turn of merged) if (turn.role === 'user') turn.content = resultsFirst(turn.content)
  return merged
}

/** A cache point stays behind what it stands behind. */
function resultsFirst(blocks: JsonObject[]): JsonObject[] {
  const results: JsonObject[] = []
  const others: JsonObject[] = []
  let list = others
  for (const block of blocks) {
    if (!('cachePoint' in block)) list = 'toolResult' in block ? results : others
    list.push(block)
  }
  return [...results, ...others]
}
