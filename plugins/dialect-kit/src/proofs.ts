/** Proofs of thought on canonical parts: marked for clients, unmarked, and kept from providers that did not give them. */
import type { ChatRequest, DialectName, Message, Part, ReasoningPart, RequestContext, ToolCallPart } from '@sluice/core'
import { mark, unmark } from './origin.ts'
import type { Proof, Proven } from './origin.ts'

/** Whether it is known to be of another family. */
export function isForeign({ origin }: Pick<Proven, 'origin'>, family: DialectName): boolean {
  return origin !== undefined && origin !== family
}

/** The text that stands for a proof in what a client gets: `family`'s own as it came, another's marked. */
export function proofText(proof: Proven, family: DialectName): string {
  const { origin = family, signature, redacted, id, call } = proof
  if (origin === family && call === undefined) return signature ?? redacted ?? ''
  return mark({ origin, signature, redacted, id, call })
}

/** For an answer: a thought with another family's proof marked, as its signature if there is a text to sign. */
export function markedThought(part: ReasoningPart, family: DialectName): ReasoningPart {
  if (!isForeign(part, family) || !isProven(part)) return part
  const { type, text } = part
  const marked = proofText(part, family)
  return text === '' ? { type, text, redacted: marked } : { type, text, signature: marked }
}

/** For an answer in a dialect whose calls have a place for signatures. */
export function markedCall(part: ToolCallPart, family: DialectName): ToolCallPart {
  if (part.signature === undefined || !isForeign(part, family)) return part
  const { signature, origin, ...call } = part
  return { ...call, signature: proofText({ signature, origin }, family) }
}

/**
 * For an answer in a dialect whose calls have no place for signatures: the encrypted thought that stands for
 * the call's, right before the call. Undefined if the call is not signed.
 */
export function callProof(
  { id, signature, origin }: Pick<ToolCallPart, 'id' | 'signature' | 'origin'>,
  family: DialectName,
): string | undefined {
  return signature === undefined ? undefined : proofText({ origin, signature, call: id }, family)
}

/** The parts of a message that a client sends back: each proof unmarked, with its origin, those of calls at their calls. */
export function unmarkedParts(parts: readonly Part[], family: DialectName): Part[] {
  const ofCalls = new Map<string, Proof>()
  return parts.flatMap((part): Part[] => {
    if (part.type === 'tool-call') {
      const proof = ofCalls.get(part.id) ?? unmark(part.signature)
      return proof === undefined ? [withOrigin(part, family)] : [...thoughtsBefore(proof), signed(part, proof)]
    }
    if (part.type !== 'reasoning') return [part]
    const proof = unmark(part.signature) ?? unmark(part.redacted)
    if (proof === undefined) return [withOrigin(part, family)]
    if (proof.call === undefined) return [...thoughtsBefore(proof), thoughtOf(part.text, proof)]
    ofCalls.set(proof.call, proof)
    return []
  })
}

/** The thoughts without a text that travelled with what came after them. */
export function thoughtsBefore({ before = [] }: Proof): ReasoningPart[] {
  return before.map((proof) => thoughtOf('', proof))
}

function thoughtOf(text: string, { before: _, call: __, ...proof }: Proof): ReasoningPart {
  return { type: 'reasoning', text, ...proof }
}

function signed(part: ToolCallPart, { origin, signature }: Proof): ToolCallPart {
  const { signature: _, ...call } = part
  return signature === undefined ? call : { ...call, signature, origin }
}

function withOrigin<P extends ReasoningPart | ToolCallPart>(part: P, origin: DialectName): P {
  return isProven(part) && part.origin === undefined ? { ...part, origin } : part
}

function isProven(part: Proven): boolean {
  return part.signature !== undefined || part.redacted !== undefined
}

/** What a target takes. */
export interface Taking {
  dialect: DialectName
  /** Whose proofs it understands. */
  family: DialectName
  /** Whether it also reads thoughts that prove nothing. */
  bareThoughts: boolean
}

/**
 * A conversation without the proofs that the target did not give; with a report, if there are any. A proof that
 * does not say whose it is is that of the client's dialect. Messages that are left without parts are left out.
 */
export function withOwnProofs(
  { messages, extensions }: ChatRequest,
  { dialect, family, bareThoughts }: Taking,
  drop: RequestContext['drop'],
): Message[] {
  const ofNobody = dialect in extensions ? family : undefined
  const isOthers = (part: Part): part is ReasoningPart | ToolCallPart =>
    (part.type === 'reasoning' || part.type === 'tool-call') && isProven(part) && (part.origin ?? ofNobody) !== family
  if (!messages.some(({ parts }) => parts.some(isOthers))) return messages
  return messages.flatMap((message) => {
    const parts = message.parts.flatMap((part): Part[] => {
      if (!isOthers(part)) return [part]
      drop(part.type === 'reasoning' ? 'messages.reasoning' : 'messages.signature', 'it is for its own provider only')
      const { signature: _, origin: __, ...bare } = part
      if (bare.type === 'tool-call') return [bare]
      const { redacted: ___, id: ____, ...thought } = bare
      return bareThoughts && thought.text !== '' ? [thought] : []
    })
    return parts.length === 0 && message.parts.length > 0 ? [] : { ...message, parts }
  })
}
