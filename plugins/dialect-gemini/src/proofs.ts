/**
 * Whose proof of thought stands in a `thoughtSignature`. Gemini's own stands there as it came. That of another
 * provider, on its way through a client of this API, says in front whose it is, and comes back as what it was.
 * All of it in base64: the field holds bytes, which typed clients decode.
 */
import type { DialectName } from '@sluice/core'
import { isObject, textOf, tryParse } from '@sluice/dialect-kit'
import { NAME } from './extensions.ts'

const MARK = 'sluice:'
/** How everything that is marked begins, in base64. */
const HEAD = Buffer.from(`${MARK}{"`).toString('base64')
/** Either alphabet of base64. */
const BYTES = /^[\w+/-]+={0,2}$/
/** Stands for a signature that was never there (https://ai.google.dev/gemini-api/docs/thought-signatures). */
export const NO_SIGNATURE = 'skip_thought_signature_validator'

/** What is to return to `origin` with a thought, or a call. */
export interface Proof {
  origin?: DialectName
  signature?: string
  redacted?: string
  /** Whether the text sums the thinking up. */
  summary?: boolean
}

export function readProof(thoughtSignature: string): Proof & { origin: DialectName } {
  const marked = thoughtSignature.startsWith(HEAD)
    ? tryParse(Buffer.from(thoughtSignature, 'base64').toString().slice(MARK.length))
    : undefined
  if (!isObject(marked)) return { origin: NAME, signature: thoughtSignature }
  const proof: Proof & { origin: DialectName } = { origin: textOf(marked.from) ?? 'unknown' }
  const signature = textOf(marked.signature)
  const redacted = textOf(marked.redacted)
  if (signature !== undefined) proof.signature = signature
  if (redacted !== undefined) proof.redacted = redacted
  if (marked.summary === true) proof.summary = true
  return proof
}

/** @param from whose it is if it does not say @returns undefined if there is nothing to prove */
export function writeProof(
  { origin, signature, redacted, summary }: Proof,
  from: DialectName,
): { thoughtSignature: string } | undefined {
  if (signature === undefined && redacted === undefined) return undefined
  if ((origin ?? from) === NAME && signature !== undefined) return { thoughtSignature: signature }
  const marked = { from: origin ?? from, signature, redacted, ...(summary && { summary }) }
  return { thoughtSignature: Buffer.from(MARK + JSON.stringify(marked)).toString('base64') }
}

/** Whether it may be shown to Gemini: where nobody says whose it is, if it can be Gemini's at all. */
export function isOwnProof({ origin, signature }: Proof): boolean {
  return signature !== undefined && (origin === undefined ? BYTES.test(signature) : origin === NAME)
}

/** Whether a body holds a proof of another provider. */
export function holdsForeign(bytes: Buffer): boolean {
  return bytes.includes(HEAD)
}

/** Whether it is known to be another provider's. */
export function isForeign({ origin }: Proof): boolean {
  return origin !== undefined && origin !== NAME
}
