/**
 * Proofs of thought. Cohere's models give none, so that its form has no place for those of other
 * providers, which must come back in the next turn. They ride in a field of their own, which Cohere's SDKs
 * carry along like all that they do not know, and never go to Cohere.
 */
import type { ChatRequest, JsonObject, Part, RequestContext } from '@sluice/core'
import { defined, objectOf, textOf } from '@sluice/dialect-kit'
import { kept, NAME } from '../extensions.ts'

/** On contents of thinking, and on tool calls. */
const FIELD = 'sluice_proof'
const QUOTED = Buffer.from(`"${FIELD}"`)

/** Whether a client's body may hold proofs. */
export function holdsProof(bytes: Buffer): boolean {
  return bytes.includes(QUOTED)
}

/** What a part has besides what its dialect can say. */
interface Proof {
  origin?: string
  signature?: string
  redacted?: string
  id?: string
  summary?: boolean
}

/** The field as a client gets it. */
export function proofField(proof: { [field in keyof Proof]: Proof[field] | undefined }): JsonObject {
  const { origin, signature, redacted, id, summary } = proof
  return { [FIELD]: defined<JsonObject>({ origin, signature, redacted, id, summary }) }
}

/** The same part, with its proof as a field that only this dialect knows. */
export function sealed(part: Part): Part {
  if (!isProven(part)) return part
  const { signature, origin, ...rest } = part
  if (rest.type === 'tool-call') return { ...rest, ...withField(part, proofField({ signature, origin })) }
  const { redacted, id, summary, ...thought } = rest
  return { ...thought, ...withField(part, proofField({ signature, origin, redacted, id, summary })) }
}

function withField(part: Part, field: JsonObject): Pick<Part, 'extensions'> {
  return { extensions: { ...part.extensions, [NAME]: { ...kept(part), ...field } } }
}

function isProven(part: Part): part is Extract<Part, { type: 'reasoning' | 'tool-call' }> {
  if (part.type === 'tool-call') return part.signature !== undefined
  return part.type === 'reasoning' && (part.signature !== undefined || part.redacted !== undefined)
}

/** What a client sends back: the object without its proof, and the proof. */
export function unsealed(wire: JsonObject): { bare: JsonObject; proof: Proof } {
  if (!(FIELD in wire)) return { bare: wire, proof: {} }
  const { [FIELD]: field, ...bare } = wire
  const { origin, signature, redacted, id, summary } = objectOf(field) ?? {}
  const proof = {
    origin: textOf(origin),
    signature: textOf(signature),
    redacted: textOf(redacted),
    id: textOf(id),
    summary: summary === true || undefined,
  }
  return { bare, proof: defined<Proof>(proof) }
}

/** Tells of proofs in a conversation that is about to go to Cohere. */
export function reportProofs({ messages }: ChatRequest, drop: RequestContext['drop']): void {
  for (const { parts } of messages)
    for (const part of parts) {
      if (!isProven(part)) continue
      if (part.type === 'tool-call') drop('messages.signature', 'Cohere takes no proof of thought back')
      else drop('messages.reasoning', 'Cohere takes no signed or encrypted thinking')
    }
}
