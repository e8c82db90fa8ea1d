/**
 * Proofs of thoughts without a text, in whole answers. SDKs drop parts with an empty text and hang their signature on
 * the part before, over its own: so such a proof travels on the part after it.
 */
import type { Part, ReasoningPart, TextPart } from '@sluice/core'
import { isForeign, mark, textOf, thoughtsBefore, unmark } from '@sluice/dialect-kit'
import { kept, NAME, extended } from '../extensions.ts'

/** The parts of an answer, with each foreign proof that has no text on what it stands before. */
export function withCarriedProofs(parts: readonly Part[]): readonly Part[] {
  if (!parts.some(isBareProof)) return parts
  const carried: Part[] = []
  let waiting: ReasoningPart[] = []
  for (const part of parts) {
    if (isBareProof(part)) waiting.push(part)
    else if (waiting.length > 0 && canCarry(part)) {
      carried.push(carrying(part, waiting))
      waiting = []
    } else carried.push(part)
  }
  return [...carried, ...waiting]
}

function isBareProof(part: Part): part is ReasoningPart {
  return part.type === 'reasoning' && part.text === '' && isForeign(part, NAME)
}

type Carrier = Extract<Part, { type: 'text' | 'reasoning' | 'tool-call' }>

function canCarry(part: Part): part is Carrier {
  return part.type === 'tool-call' || ((part.type === 'text' || part.type === 'reasoning') && part.text !== '')
}

function carrying(part: Carrier, thoughts: readonly ReasoningPart[]): Part {
  const before = thoughts.map(({ origin = NAME, signature, redacted, id }) => {
    return {
      origin,
      ...(signature !== undefined && { signature }),
      ...(redacted !== undefined && { redacted }),
      ...(id !== undefined && { id }),
    }
  })
  if (part.type === 'text') {
    const thoughtSignature = mark({ origin: NAME, before })
    return { ...part, ...extended({ ...kept(part), thoughtSignature }) }
  }
  const { origin = NAME, signature } = part
  if (part.type === 'tool-call') return { ...part, signature: mark({ origin, signature, before }), origin: NAME }
  const { type, text, redacted, id } = part
  return { type, text, signature: mark({ origin, signature, redacted, id, before }), origin: NAME }
}

/** A text that a client sends back, after the thoughts whose proofs it carried. */
export function uncarried(part: TextPart): Part[] {
  const { thoughtSignature, ...rest } = kept(part) ?? {}
  const proof = unmark(textOf(thoughtSignature))
  if (proof === undefined) return [part]
  const { extensions: _, ...text } = part
  return [...thoughtsBefore(proof), Object.keys(rest).length > 0 ? { ...text, ...extended(rest) } : text]
}
