/**
 * Proofs of thought. Cohere's models give none, so that its form has no place for those of other
 * providers, which must come back in the next turn. They ride in a field of their own, which Cohere's SDKs
 * carry along like all that they do not know, and never go to Cohere.
 */
import type { JsonObject, Part } from '@sluice/core'
import { mark, textOf, unmark } from '@sluice/dialect-kit'
import type { Proof, Proven, Taking } from '@sluice/dialect-kit'
import { kept, NAME } from '../extensions.ts'

/** On contents of thinking, and on tool calls. */
const FIELD = 'sluice_proof'

/** Of thoughts, the text. */
export const TAKING: Taking = { dialect: NAME, family: NAME, bareThoughts: true }

/** The field as a client gets it. */
export function proofField(proof: Proven): JsonObject {
  return { [FIELD]: mark({ ...proof, origin: proof.origin ?? NAME }) }
}

/** The same part, with its proof as a field that only this dialect knows. */
export function sealed(part: Part): Part {
  if (!isProven(part)) return part
  const { signature, origin, ...rest } = part
  if (rest.type === 'tool-call') return { ...rest, ...withField(part, proofField({ signature, origin })) }
  const { redacted, id, ...thought } = rest
  return { ...thought, ...withField(part, proofField({ signature, origin, redacted, id })) }
}

function withField(part: Part, field: JsonObject): Pick<Part, 'extensions'> {
  return { extensions: { ...part.extensions, [NAME]: { ...kept(part), ...field } } }
}

function isProven(part: Part): part is Extract<Part, { type: 'reasoning' | 'tool-call' }> {
  if (part.type === 'tool-call') return part.signature !== undefined
  return part.type === 'reasoning' && (part.signature !== undefined || part.redacted !== undefined)
}

/** What a client sends back: the object without its proof, and the proof. */
export function unsealed(wire: JsonObject): { bare: JsonObject; proof: Proof | undefined } {
  if (!(FIELD in wire)) return { bare: wire, proof: undefined }
  const { [FIELD]: field, ...bare } = wire
  return { bare, proof: unmark(textOf(field)) }
}
