/** Items of type `reasoning`, both directions. */
import type { JsonObject, ReasoningPart } from '@sluice/core'
import { isBlank, listOf, mark, objectOf, textOf, unmark } from '@sluice/dialect-kit'
import type { Proven } from '@sluice/dialect-kit'
import { fields, keep, restore, spellingOf } from '../kept.ts'
import type { Kept } from '../kept.ts'
import { DIALECT, extensions, keptIn } from './extensions.ts'
import { labels } from './message-item.ts'

const FIELDS = fields('type id status summary content encrypted_content')
/** Between the pieces of a summary. */
export const SEPARATOR = '\n\n'

/** A thought of another provider, which is marked, is read like OpenAI's own until it is unmarked. */
export function decodeReasoning(wire: JsonObject): ReasoningPart {
  const id = textOf(wire.id) ?? ''
  const encrypted = textOf(wire.encrypted_content)
  const { summary, content } = wire
  const was = { ...(!isBlank(summary) && { summary }), ...(!isBlank(content) && { content }) }
  return {
    type: 'reasoning',
    text: textIn(wire),
    ...(textsOf(content).length === 0 && textsOf(summary).length > 0 && { summary: true }),
    ...(encrypted !== undefined && encrypted !== '' && { redacted: sealed(id, encrypted), origin: DIALECT }),
    ...extensions(keep(wire, FIELDS, { item: labels(wire), was })),
  }
}

/** OpenAI's encrypted thought as the canonical model carries it: with its id, without which OpenAI cannot read it. */
export function sealed(id: string, encrypted: string): string {
  return unmark(encrypted) === undefined ? `${id}:${encrypted}` : encrypted
}

/** What was sealed. */
export function opened(redacted: string): { id: string; encrypted: string } {
  const end = redacted.indexOf(':')
  return { id: redacted.slice(0, Math.max(end, 0)), encrypted: redacted.slice(end + 1) }
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
  if (kept !== undefined) return encodeKept(part, kept)
  if (part.origin !== DIALECT || part.redacted === undefined) return undefined
  const { id, encrypted } = opened(part.redacted)
  return { type: 'reasoning', ...(id !== '' && { id }), summary: summaryOf(part.text), encrypted_content: encrypted }
}

/** As it came, unless the text was changed since. */
function encodeKept(part: ReasoningPart, kept: Kept): JsonObject {
  const { item, was } = spellingOf(kept)
  const lists = objectOf(was) ?? {}
  const wire: JsonObject = { ...restore(kept), type: 'reasoning', ...objectOf(item) }
  if (textIn(lists) === part.text) Object.assign(wire, lists)
  else if (part.summary === true) wire.summary = summaryOf(part.text)
  else Object.assign(wire, { summary: [], content: contentOf(part.text) })
  if (part.redacted !== undefined) wire.encrypted_content = opened(part.redacted).encrypted
  return wire
}

/**
 * What a client of this API gets in place of a proof of thought: what must return to another provider, marked,
 * and OpenAI's encrypted thought as it was. It goes with the item whose id it came with and no other. A thought
 * that proves nothing is marked, too: OpenAI does not know it.
 * @param itemId of the item
 */
export function encryptedContent(proof: Proven, itemId: unknown): string {
  if (proof.origin === DIALECT && proof.redacted !== undefined) {
    const { id, encrypted } = opened(proof.redacted)
    if (id === itemId) return encrypted
  }
  return mark({ ...proof, origin: proof.origin ?? 'unknown' })
}

export function summaryOf(text: string): JsonObject[] {
  return text === '' ? [] : [{ type: 'summary_text', text }]
}

export function contentOf(text: string): JsonObject[] {
  return text === '' ? [] : [{ type: 'reasoning_text', text }]
}
