/** Conversations of other dialects, without what Claude refuses in them. */
import { invalidRequest } from '@sluice/core'
import type { Citation, Message, Part, ReasoningPart, RequestContext } from '@sluice/core'
import { kept } from '../extensions.ts'

type Drop = RequestContext['drop']

/**
 * One message for each, in the same order. Reports what is left out.
 * @throws GatewayError `invalid_request` for a tool's result whose call is nowhere before it
 */
export function fitMessages(messages: readonly Message[], drop: Drop): Message[] {
  const calls = new Set<string>()
  return messages.map((message, index) => {
    for (const part of message.parts) {
      if (part.type === 'tool-call') calls.add(part.id)
      else if (part.type === 'tool-result' && !calls.has(part.callId)) throw unknownCall(part.callId, index)
    }
    if (message.name !== undefined) drop('messages.name', 'Claude knows no names of participants')
    return { role: message.role, parts: fitParts(message.parts, drop) }
  })
}

function unknownCall(id: string, index: number): Error {
  return invalidRequest(
    `"messages[${index}]" is the result of a tool call "${id}" that no message before it made.`,
    `messages[${index}]`,
  )
}

function fitParts(parts: readonly Part[], drop: Drop): Part[] {
  return parts.flatMap((part) => fitPart(part, drop) ?? [])
}

/** Undefined if nothing of it can go along. */
function fitPart(part: Part, drop: Drop): Part | undefined {
  switch (part.type) {
    case 'text':
    case 'refusal':
      // Claude refuses texts of white space only, which say nothing.
      if (part.text.trim() === '') return undefined
      if (part.type === 'refusal' || part.citations === undefined) return part
      return { ...part, citations: part.citations.filter((citation) => isOwn(citation, drop)) }
    case 'reasoning':
      return fitThought(part, drop)
    case 'image':
      if (part.detail !== undefined && part.detail !== 'auto')
        drop('messages.detail', 'Claude always looks at images in full')
      return part
    case 'tool-result':
      return { ...part, content: fitParts(part.content, drop) }
    default:
      return part
  }
}

function isOwn(citation: Citation, drop: Drop): boolean {
  const own = kept(citation) !== undefined
  if (!own) drop('messages.citations', 'Claude takes back only its own citations')
  return own
}

/** Only thinking that is signed, or encrypted, may go back. */
function fitThought({ text, signature, redacted }: ReasoningPart, drop: Drop): Part | undefined {
  if (signature) return { type: 'reasoning', text, signature }
  if (redacted !== undefined) return { type: 'reasoning', text, redacted }
  drop('messages.reasoning', 'Claude takes back only thinking that it has signed')
  return undefined
}
