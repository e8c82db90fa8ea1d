/** The conversation in both directions. Gemini keeps the system prompt beside the contents. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, Message, Part, Role } from '@sluice/core'
import {
  itemObject,
  optionalArray,
  optionalObject,
  optionalString,
  requiredArray,
  unmarkedParts,
} from '@sluice/dialect-kit'
import { keep, NAME, restore, spellingOf } from '../extensions.ts'
import { ConversationIds } from './call-ids.ts'
import { uncarried } from './carried.ts'
import { checkedPart } from './check-part.ts'
import { encodeRequestPart } from './encode-part.ts'
import { withWholeThoughts } from './whole-thoughts.ts'
import { decodePart } from './parts.ts'

const FIELDS = new Set(['role', 'parts'])
/** `function` is what results of functions had of old. */
const ROLES: ReadonlyMap<string | undefined, Role> = new Map([
  [undefined, 'user'],
  ['user', 'user'],
  ['model', 'assistant'],
  ['function', 'tool'],
])

/** The system prompt comes first, as a message of its own. */
export function decodeContents(body: JsonObject): Message[] {
  const ids = new ConversationIds()
  const contents = requiredArray(body, 'contents').map((item, index) => {
    const path = `contents[${index}]`
    const content = itemObject(item, path)
    const role = ROLES.get(optionalString(content, 'role', `${path}.`))
    if (role === undefined) throw invalidRequest(`"${path}.role" must be user or model.`, `${path}.role`)
    return decodeContent(content, role, path, ids)
  })
  const messages = withWholeThoughts(contents)
  const system = optionalObject(body, 'systemInstruction')
  return system === undefined ? messages : [decodeContent(system, 'system', 'systemInstruction', ids), ...messages]
}

function decodeContent(content: JsonObject, role: Role, path: string, ids: ConversationIds): Message {
  const parts = optionalArray(content, 'parts', `${path}.`)
  // An own system prompt may have any role, or none; elsewhere the role tells whether there was one.
  const spelling = { role: optionalString(content, 'role', `${path}.`), parts: parts !== undefined }
  const decoded = (parts ?? []).map((item, index) => decodePart(checkedPart(item, `${path}.parts[${index}]`), ids))
  return {
    role,
    parts: unmarkedParts(decoded, NAME).flatMap((part) => (part.type === 'text' ? uncarried(part) : part)),
    ...keep(content, FIELDS, spelling),
  }
}

interface Conversation {
  system: JsonObject | undefined
  contents: JsonObject[]
}

/** One content for each message; the system messages are gathered in `system`. */
export function encodeContents(messages: readonly Message[]): Conversation {
  const system: Message[] = []
  const contents: JsonObject[] = []
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system' || message.role === 'developer') system.push(message)
    else contents.push(encodeContent(message, `messages[${index}]`, message.role === 'assistant' ? 'model' : 'user'))
  }
  return { system: encodeSystem(system), contents }
}

/** @param role of a content whose own role does not say otherwise; none if undefined */
function encodeContent(message: Message, path: string, role: string | undefined): JsonObject {
  const spelling = spellingOf(message)
  const own = 'role' in spelling ? spelling.role : role
  const parts = message.parts.flatMap((part, index) => encodeRequestPart(part, `${path}.parts[${index}]`))
  return {
    ...restore(message),
    ...(own !== undefined && { role: own }),
    ...((parts.length > 0 || spelling.parts !== false) && { parts }),
  }
}

function encodeSystem(messages: readonly Message[]): JsonObject | undefined {
  const [first] = messages
  if (first === undefined) return undefined
  const parts: Part[] = messages.flatMap((message) => message.parts)
  return encodeContent({ ...first, parts }, 'systemInstruction', undefined)
}
