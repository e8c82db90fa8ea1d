/** Conversations of other dialects, with only what Cohere takes. */
import { invalidRequest } from '@sluice/core'
import type {
  FilePart,
  GatewayError,
  ImagePart,
  Message,
  Part,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '@sluice/core'
import { arrange, foreignPart } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'
import { NAME } from '../extensions.ts'
import { PLAN } from './assistant.ts'
import { textOfFile } from './documents.ts'

/**
 * @param asDocuments whether files of text may stand beside the conversation
 * @throws GatewayError `invalid_request` for what no message of Cohere's can hold
 */
export function fitMessages(messages: readonly Message[], asDocuments: boolean, drops: Drops): Message[] {
  return arrange(messages, isNoImage).flatMap((message) => {
    drops.addForeign(message.extensions, 'messages.')
    if (message.name !== undefined) drops.add('messages.name', 'Cohere knows no names of participants')
    const fitted = message.parts.flatMap((part) => fitPart(part, message.role, drops) ?? [])
    const parts = message.role === 'assistant' ? planned(fitted) : filesPlaced(fitted, asDocuments)
    const role = message.role === 'developer' ? 'system' : message.role
    return parts.length === 0 ? [] : [{ role, parts }]
  })
}

/** Images of results stand in a message of the user. */
function isNoImage({ type }: Part): boolean {
  return type !== 'image'
}

/** What the assistant says before it calls tools has a place of its own at Cohere. */
function planned(parts: readonly Part[]): Part[] {
  const calls = parts.some((part) => part.type === 'tool-call')
  return parts.map((part) => (calls && part.type === 'text' ? { ...part, ...PLAN } : part))
}

/** A message of files alone would be empty without them. */
function filesPlaced(parts: readonly Part[], asDocuments: boolean): Part[] {
  const isEmptied = parts.every((part) => part.type === 'file')
  return parts.map((part) => (part.type === 'file' && (isEmptied || !asDocuments) ? asText(part) : part))
}

function asText(file: FilePart): TextPart {
  const text = textOfFile(file) ?? ''
  return { type: 'text', text: file.name === undefined ? text : `${file.name}:\n${text}` }
}

/** Undefined if nothing of it can go along. */
function fitPart(part: Part, role: Message['role'], drops: Drops): Part | undefined {
  drops.addForeign(part.extensions, 'messages.')
  if (part.cache !== undefined) drops.add('cache_control', 'Cohere caches prompts by itself')
  switch (part.type) {
    case 'text':
      if (part.citations !== undefined) drops.add('messages.citations', 'Cohere takes back only its own citations')
      return part.text === '' ? undefined : { type: 'text', text: part.text }
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'reasoning':
      // Its text is all that Cohere knows of a thought.
      return part.text === '' ? undefined : { type: 'reasoning', text: part.text }
    case 'image':
      return fitImage(part, role, drops)
    case 'file':
      if (role === 'assistant') throw unsaid(part)
      if (textOfFile(part) !== undefined) return part
      throw invalidRequest('A message has a file that is no text, which Cohere cannot take.', 'messages')
    case 'tool-call':
      return fitCall(part)
    case 'tool-result':
      return fitResult(part, drops)
    case 'audio':
    case 'video':
      throw invalidRequest(`A message has ${part.type}, which Cohere cannot take.`, 'messages')
    case 'raw':
      if (part.dialect === NAME) return part
      throw foreignPart(part, 'Cohere')
  }
}

/** A result that says nothing is said to be empty. */
function fitResult({ callId, content, isError }: ToolResultPart, drops: Drops): Part {
  if (isError) drops.add('messages.is_error', 'Cohere does not tell failed tool results apart')
  const fitted = content.flatMap((item) => fitPart(item, 'tool', drops) ?? [])
  return { type: 'tool-result', callId, content: fitted.length > 0 ? fitted : [{ type: 'text', text: '' }] }
}

/** Cohere's models write no images and no files, and take none back. */
function unsaid({ type }: Part): GatewayError {
  return invalidRequest(
    `A message of the assistant has a part of type "${type}", which Cohere cannot take.`,
    'messages',
  )
}

const DETAILS: ReadonlySet<unknown> = new Set(['auto', 'low', 'high'])

function fitImage(part: ImagePart, role: Message['role'], drops: Drops): Part {
  if (role === 'assistant') throw unsaid(part)
  const { source, detail } = part
  if (source.kind === 'file' || source.kind === 'text')
    throw invalidRequest(
      'A message has an image that is neither an address nor bytes; Cohere cannot take it.',
      'messages',
    )
  const isKnown = DETAILS.has(detail)
  if (detail !== undefined && !isKnown) drops.add('messages.detail', `Cohere knows no detail "${detail}"`)
  return { type: 'image', source, ...(isKnown && detail !== undefined && { detail }) }
}

function fitCall({ id, name, arguments: text, kind }: ToolCallPart): Part {
  if (kind === 'custom')
    throw invalidRequest(`The tool call "${id}" is free text; Cohere's tools take JSON only.`, 'messages')
  return { type: 'tool-call', id, name, arguments: text }
}
