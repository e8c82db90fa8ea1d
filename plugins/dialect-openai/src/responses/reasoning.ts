/** Items of type `reasoning`, both directions. */
import type { JsonObject, ReasoningPart } from '@sluice/core'
import { defined, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { fields, isBlank, keep, restore, spellingOf } from '../kept.ts'
import type { Kept } from '../kept.ts'
import { DIALECT, extensions, keptIn } from './extensions.ts'
import { labels } from './message-item.ts'
import { mark, readMark } from './origin.ts'
import type { Proof } from './origin.ts'

const FIELDS = fields('type id status summary content encrypted_content')
/** Between the pieces of a summary. */
export const SEPARATOR = '\n\n'

/** A thought, OpenAI's or one of another provider that comes back. */
export function decodeReasoning(wire: JsonObject): ReasoningPart {
  const proof = readMark(wire.encrypted_content)
  const isOwn = proof === undefined || (proof.from === DIALECT && proof.redacted !== undefined)
  return isOwn ? decodeOwn(wire, proof) : decodeForeign(wire, proof)
}

function decodeForeign(wire: JsonObject, { from, signature, redacted, summary }: Proof): ReasoningPart {
  return {
    type: 'reasoning',
    text: textIn(wire),
    ...defined({ signature, redacted }),
    ...(summary === true && { summary }),
    extensions: { [from === DIALECT ? 'unknown' : from]: {} },
  }
}

/** The id is always there: it tells other dialects that they cannot use the encrypted thought. */
function decodeOwn(wire: JsonObject, proof: Proof | undefined): ReasoningPart {
  const id = proof?.id ?? textOf(wire.id) ?? ''
  const encrypted = proof?.redacted ?? textOf(wire.encrypted_content)
  const { summary, content } = wire
  const was = { ...(!isBlank(summary) && { summary }), ...(!isBlank(content) && { content }) }
  return {
    type: 'reasoning',
    text: textIn(wire),
    id,
    ...(textsOf(content).length === 0 && textsOf(summary).length > 0 && { summary: true }),
    ...(encrypted !== undefined && encrypted !== '' && { redacted: sealed(id, encrypted) }),
    ...extensions(keep(wire, FIELDS, { item: labels(wire), was })),
  }
}

/** OpenAI's encrypted thought as the canonical model carries it. */
export function sealed(id: string, encrypted: string): string {
  return mark({ from: DIALECT, redacted: encrypted, ...(id !== '' && { id }) })
}

/** The thinking itself, or else what it was summed up to. */
export function textIn({ summary, content }: JsonObject): string {
  const texts = textsOf(content)
  return texts.length > 0 ? texts.join('') : textsOf(summary).join(SEPARATOR)
}

function textsOf(list: unknown): string[] {
  return listOf(list).flatMap((item) => textOf(objectOf(item)?.text) ?? [])
}

/** An item that is OpenAI's, the only kind that may go back to it. Undefined for other thoughts. */
export function encodeOwn(part: ReasoningPart): JsonObject | undefined {
  const kept = keptIn(part)
  const proof = readMark(part.redacted)
  if (kept !== undefined) return encodeKept(part, kept, proof)
  if (proof?.from !== DIALECT || proof.redacted === undefined) return undefined
  const id = proof.id === undefined ? {} : { id: proof.id }
  return { type: 'reasoning', ...id, summary: summaryOf(part.text), encrypted_content: proof.redacted }
}

/** As it came, unless the text was changed since. */
function encodeKept(part: ReasoningPart, kept: Kept, proof: Proof | undefined): JsonObject {
  const { item, was } = spellingOf(kept)
  const lists = objectOf(was) ?? {}
  const wire: JsonObject = { ...restore(kept), type: 'reasoning', ...objectOf(item) }
  if (textIn(lists) === part.text) Object.assign(wire, lists)
  else if (part.summary === true) wire.summary = summaryOf(part.text)
  else Object.assign(wire, { summary: [], content: contentOf(part.text) })
  if (proof?.redacted !== undefined) wire.encrypted_content = proof.redacted
  return wire
}

/**
 * What a client of this API gets in place of a proof of thought: what must return to another provider, marked
 * as such, and OpenAI's encrypted thought as it was. It goes with the item whose id it came with and no other.
 * @param id of the item
 */
export function encryptedContent(proof: Proofs, id: string): string {
  const own = readMark(proof.redacted)
  if (own?.from === DIALECT && own.redacted !== undefined) return own.id === id ? own.redacted : proof.redacted!
  const { from, signature, redacted, summary, call } = proof
  return mark({ from, ...defined<Omit<Proof, 'from'>>({ signature, redacted, summary, call }) })
}

/** What is known of a thought besides its text. */
export type Proofs = Omit<Proof, 'id'>

export function summaryOf(text: string): JsonObject[] {
  return text === '' ? [] : [{ type: 'summary_text', text }]
}

export function contentOf(text: string): JsonObject[] {
  return text === '' ? [] : [{ type: 'reasoning_text', text }]
}
