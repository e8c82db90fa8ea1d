/** What was asked, as text. */
import type { Exchange, Message, Part } from '@sluice/core'

/** Characters of it that are kept: the newest. */
const LIMIT = 8_192

/**
 * The messages as they went to the model, each with its role, in one text; undefined if there are none. Written
 * from the newest on, so that a long conversation costs no more than a short one.
 */
export function promptOf(exchange: Exchange): string | undefined {
  const messages = messagesOf(exchange)
  let text: string | undefined
  for (let i = messages.length - 1; i >= 0 && (text?.length ?? 0) <= LIMIT; i--) {
    text = spoken(messages[i]!) + (text === undefined ? '' : `\n${text}`)
  }
  return text !== undefined && text.length > LIMIT ? `…${text.slice(-LIMIT)}` : text
}

function messagesOf(exchange: Exchange): readonly Message[] {
  try {
    const { request } = exchange
    return 'messages' in request ? request.messages : []
  } catch {
    return [] // Not every exchange asks a model, and a malformed request may have been refused for just that.
  }
}

function spoken({ role, parts }: Message): string {
  return `${role}: ${parts.map(partText).join(' ')}`
}

function partText(part: Part): string {
  if ('text' in part) return part.text
  if (part.type === 'tool-call') return `[${part.name} ${part.arguments}]`
  if (part.type === 'tool-result') return `[${part.callId}: ${part.content.map(partText).join(' ')}]`
  return `[${part.type}]`
}
