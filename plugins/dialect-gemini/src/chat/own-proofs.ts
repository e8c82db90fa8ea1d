/** Conversations of Gemini's clients in which another provider had its say. */
import type { Message, Part, ReasoningPart } from '@sluice/core'
import { isForeign, NO_SIGNATURE } from '../proofs.ts'
import type { Abilities } from './models.ts'

/**
 * Streams give a thought in pieces and its proof behind them, and clients send them back so, even in several
 * contents. Its provider wants the thought in one, with its proof.
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
        if (isForeign(part) && part.signature !== undefined) {
          part.text = pieces.map(({ text }) => text).join('') + part.text
          for (const piece of pieces) joined.add(piece)
        }
        pieces = []
      }
    }
  }
  return joined.size === 0 ? messages : withParts(messages, (part) => (joined.has(part) ? [] : part))
}

/** What Gemini takes: calls of others with the stand-in where a signature is wanted, their thoughts as mere text. */
export function withOwnProofs(messages: Message[], { signsCalls }: Abilities): Message[] {
  const isAnyForeign = messages.some(({ parts }) => parts.some((part) => 'origin' in part && isForeign(part)))
  if (!isAnyForeign) return messages
  return withParts(messages, (part) => {
    if ((part.type !== 'tool-call' && part.type !== 'reasoning') || !isForeign(part)) return part
    const { signature: _, origin: __, ...bare } = part
    if (bare.type === 'tool-call') return signsCalls ? { ...bare, signature: NO_SIGNATURE } : bare
    const { redacted: ___, ...thought } = bare
    return thought.text === '' ? [] : thought
  })
}

/** Messages that are left without parts are left out. */
function withParts(messages: Message[], change: (part: Part) => Part | Part[]): Message[] {
  return messages.flatMap((message) => {
    const parts = message.parts.flatMap(change)
    return parts.length === 0 && message.parts.length > 0 ? [] : { ...message, parts }
  })
}
