/**
 * Whose a thought is. Its proof (a signature, or the encrypted thought) is worth something only to who made
 * it, and does not say who did. So a proof that leaves this dialect, either way, says it in front:
 *
 * - OpenAI's `encrypted_content` in a canonical `redacted`: whatever client sends it back, only upstreams of
 *   this dialect get it, with the id that belongs to it.
 * - Another provider's proof in the `encrypted_content` that a client of this API gets: sent back, it becomes
 *   what it was, and is never shown to OpenAI.
 */
import type { DialectName, Extensions } from '@sluice/core'
import { isObject, textOf, tryParse } from '@sluice/dialect-kit'

const MARK = 'sluice:'
/** At the beginning of a JSON string. */
const QUOTED = Buffer.from(`"${MARK}`)

export interface Proof {
  from: DialectName
  signature?: string
  redacted?: string
  /** Of the reasoning item, if the thought is OpenAI's. */
  id?: string
  /** Id of the tool call that was signed, if it was a call. */
  call?: string
  /** Whether the text sums the thinking up. */
  summary?: boolean
}

export function mark(proof: Proof): string {
  return MARK + JSON.stringify(proof)
}

/** Undefined for what `mark` did not write. */
export function readMark(text: unknown): Proof | undefined {
  if (typeof text !== 'string' || !text.startsWith(MARK)) return undefined
  const value = tryParse(text.slice(MARK.length))
  if (!isObject(value)) return undefined
  const proof: Proof = { from: textOf(value.from) ?? 'unknown' }
  for (const field of ['signature', 'redacted', 'id', 'call'] as const) {
    const given = textOf(value[field])
    if (given !== undefined) proof[field] = given
  }
  if (value.summary === true) proof.summary = true
  return proof
}

/** Whether a body may hold a mark: then its bytes are not for OpenAI, which refuses what it did not encrypt itself. */
export function holdsMark(bytes: Buffer): boolean {
  return bytes.includes(QUOTED)
}

/** The dialect that decoded an answer, by what it kept of it. */
export function originOf(extensions: Extensions | undefined): DialectName {
  for (const dialect in extensions) return dialect
  return 'unknown'
}
