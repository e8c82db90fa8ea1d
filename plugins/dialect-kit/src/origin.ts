/**
 * Whose a thought is. Its proof (a signature, or the encrypted thought) is worth something only to who made it,
 * and does not say who did. On its way through a client that speaks another dialect it therefore says so in
 * front, in the field where the client's dialect has its own proofs: clients hand those back as they came.
 */
import type { DialectName, JsonObject } from '@sluice/core'
import { isObject, listOf, textOf, tryParse } from './json.ts'

/** What is to return to `origin` with a thought, or a tool call. */
export interface Proof {
  origin: DialectName
  signature?: string
  redacted?: string
  /** Of the thought, for providers that know theirs by one. */
  id?: string
  /** Id of the tool call that was signed, if the proof travels as a thought beside it. */
  call?: string
  /** Of the thoughts right before, which have no text to hang theirs on. */
  before?: Proof[]
}

/** What an object may have of a proof. Without an origin it is whoever's that reads it. */
export type Proven = { [field in keyof Proof]?: Proof[field] | undefined }

const WORD = 'sluice:'
/** How all that is marked begins: nine bytes, so that what follows them does not show in their base64. */
const HEAD = Buffer.from(`${WORD}{"`).toString('base64')
const HEAD_BYTES = Buffer.from(HEAD)
/** As many of them as a search takes quickly: for longer patterns Node has one that is three times slower here. */
const QUICK_BYTES = HEAD_BYTES.subarray(0, 6)

/** The proof as a client carries it. In base64, as some of the fields hold bytes, which typed clients decode. */
export function mark({ origin, signature, redacted, id, call, before }: Proven & Pick<Proof, 'origin'>): string {
  return Buffer.from(WORD + JSON.stringify({ origin, signature, redacted, id, call, before })).toString('base64')
}

/** Undefined for what `mark` did not write. Takes either alphabet of base64. */
export function unmark(text: string | undefined): Proof | undefined {
  if (!text?.startsWith(HEAD)) return undefined
  const marked = tryParse(Buffer.from(text, 'base64').toString().slice(WORD.length))
  if (!isObject(marked)) return undefined
  const before = listOf(marked.before).filter(isObject).map(readProof)
  return { ...readProof(marked), ...(before.length > 0 && { before }) }
}

function readProof(marked: JsonObject): Proof {
  const proof: Proof = { origin: textOf(marked.origin) ?? 'unknown' }
  for (const field of ['signature', 'redacted', 'id', 'call'] as const) {
    const given = textOf(marked[field])
    if (given !== undefined) proof[field] = given
  }
  return proof
}

/** Whether a client's body may hold marks: its bytes must not go to an upstream as they are. */
export function holdsMark(body: Buffer): boolean {
  return body.includes(QUICK_BYTES) && body.includes(HEAD_BYTES)
}
