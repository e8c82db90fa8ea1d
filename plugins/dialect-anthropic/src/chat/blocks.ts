/** Content blocks that requests and responses share: how canonical parts are written. */
import type { CacheHint, JsonObject, ReasoningPart, TextPart, ToolCallPart } from '@sluice/core'
import { isObject, tryParse } from '@sluice/dialect-kit'
import { kept } from '../extensions.ts'
import { encodeCitation } from './citations.ts'

/** What any block may have beside its own fields. */
export function extras(part: { cache?: CacheHint; extensions?: { [dialect: string]: JsonObject } }): JsonObject {
  return part.cache === undefined
    ? { ...kept(part) }
    : { ...kept(part), cache_control: { type: 'ephemeral', ...part.cache } }
}

/** With its citations, but for those that Anthropic has no form for. */
export function textBlock(part: TextPart): JsonObject {
  const block: JsonObject = { ...extras(part), type: 'text', text: part.text }
  if (part.citations) block.citations = part.citations.flatMap((citation) => encodeCitation(citation) ?? [])
  return block
}

/** A thought is readable, or encrypted. */
export function thinkingBlock(part: ReasoningPart): JsonObject {
  const { text, signature, redacted } = part
  if (redacted !== undefined) return { ...extras(part), type: 'redacted_thinking', data: redacted }
  return { ...extras(part), type: 'thinking', thinking: text, signature: signature ?? '' }
}

/** @param input the call's arguments, parsed */
export function toolUseBlock(part: ToolCallPart, input: JsonObject): JsonObject {
  return { ...extras(part), type: 'tool_use', id: part.id, name: part.name, input }
}

/** Arguments as an object; undefined if they are none. Some models write nothing or `null` where there are none. */
export function inputOf(text: string): JsonObject | undefined {
  if (text.trim() === '') return {}
  const value = tryParse(text)
  if (value === null) return {}
  return isObject(value) ? value : undefined
}

/** The same for answers, which cannot be refused: Anthropic's own way to hand on text that is not JSON. */
export function inputOrText(text: string): JsonObject {
  return inputOf(text) ?? { INVALID_JSON: text }
}
