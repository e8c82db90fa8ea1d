/** The conversation in both directions, with the documents that Cohere keeps beside it. */
import { invalidRequest } from '@sluice/core'
import type { FilePart, JsonObject, Message, Part, Role, ToolResultPart } from '@sluice/core'
import { itemObject, optionalArray, requiredArray, textOf } from '@sluice/dialect-kit'
import { keep, keepAll, restore } from '../extensions.ts'
import { decodeAssistant, encodeAssistant } from './assistant.ts'
import { checkMessage } from './check.ts'
import { contentSpelling, decodeContent, encodeContent } from './content.ts'
import { checkDocument, decodeDocument, encodeDocument } from './documents.ts'

const FIELDS = new Set(['role', 'content'])
const RESULT_FIELDS = new Set(['role', 'content', 'tool_call_id'])

/**
 * Documents become files in the last message of the user, whose question they are to answer.
 * @throws GatewayError `invalid_request` on a wrong shape
 */
export function decodeMessages(body: JsonObject): Message[] {
  const messages = requiredArray(body, 'messages').map((item, index) => {
    const message = itemObject(item, `messages[${index}]`)
    checkMessage(message, `messages[${index}].`)
    return decodeMessage(message)
  })
  const documents = optionalArray(body, 'documents') ?? []
  for (const [index, document] of documents.entries()) checkDocument(document, `documents[${index}]`)
  messages.findLast(isUsers)?.parts.unshift(...documents.map(decodeDocument))
  return messages
}

/** Whether documents have a message to go to. */
export function takesDocuments(messages: readonly Message[]): boolean {
  return messages.some(isUsers)
}

function isUsers({ role }: Message): boolean {
  return role === 'user'
}

function decodeMessage(message: JsonObject): Message {
  if (message.role === 'assistant') {
    const { parts, more } = decodeAssistant(message)
    return { role: 'assistant', parts, ...keepAll(more) }
  }
  const spelling = contentSpelling(message.content)
  const parts = decodeContent(message.content)
  if (message.role !== 'tool') return { role: message.role as Role, parts, ...keep(message, FIELDS, spelling) }
  const callId = textOf(message.tool_call_id) ?? ''
  return {
    role: 'tool',
    parts: [{ type: 'tool-result', callId, content: parts, ...keep(message, RESULT_FIELDS, spelling) }],
  }
}

interface Conversation {
  messages: JsonObject[]
  documents: (string | JsonObject)[]
}

/** Results of tools are messages of their own, ahead of what else a message says. */
export function encodeMessages(messages: readonly Message[]): Conversation {
  const conversation: Conversation = { messages: [], documents: [] }
  for (const [index, message] of messages.entries()) {
    if (message.role === 'assistant') conversation.messages.push(encodeAssistant(message.parts, message))
    else encodeTurn(message, `messages[${index}]`, conversation)
  }
  return conversation
}

function encodeTurn(message: Message, at: string, { messages, documents }: Conversation): void {
  const said: Part[] = []
  let results = 0
  for (const part of message.parts) {
    if (part.type === 'file') documents.push(documentIn(part, at))
    else if (part.type !== 'tool-result') said.push(part)
    else results = messages.push(encodeResult(part))
  }
  if (said.length === 0 && results > 0) return
  const role = message.role === 'tool' ? 'user' : message.role
  messages.push({ ...restore(message), role, ...encodeContent(said, message) })
}

function documentIn(part: FilePart, at: string): string | JsonObject {
  const document = encodeDocument(part)
  if (document !== undefined) return document
  throw invalidRequest(`"${at}" has a file that is no text, which Cohere cannot take.`, at)
}

function encodeResult(part: ToolResultPart): JsonObject {
  return { ...restore(part), role: 'tool', tool_call_id: part.callId, ...encodeContent(part.content, part) }
}
