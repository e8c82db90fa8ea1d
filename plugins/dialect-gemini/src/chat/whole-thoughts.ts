import type { Message, Part, ReasoningPart } from '@sluice/core'
import { isForeign } from '@sluice/dialect-kit'
import { NAME } from '../extensions.ts'

/**
 * Streams give a thought in pieces and its proof behind them, and clients send them back so, even in several
 * contents. Another provider wants its thought in one, with its proof. Messages that are left empty are left out.
 */
export function withWholeThoughts(messages: Message[]): Message[] {
  const joined = new Set<Part>()
  let pieces: ReasoningPart[] = []
  for (const { role, parts } of messages) {
    if (role !== 'assistant') pieces = []
    for (const part of parts) {
      if (part.type !== 'reasoning') pieces = []
      else if (part.signature === undefined && part.redacted === undefined) pieces.push(part)
      else {
        if (isForeign(part, NAME) && part.signature !== undefined) {
          part.text = pieces.map(({ text }) => text).join('') + part.text
          for (const piece of pieces) joined.add(piece)
        }
        pieces = []
      }
    }
  }
  if (joined.size === 0) return messages
  return messages.flatMap((message) => {
    const parts = message.parts.filter((part) => !joined.has(part))
    return parts.length === 0 && message.parts.length > 0 ? [] : { ...message, parts }
  })
}
