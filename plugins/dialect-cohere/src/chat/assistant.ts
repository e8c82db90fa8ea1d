/** The assistant's message in both directions: what an answer says and what a request echoes. */
import type { JsonObject, Part, TextPart } from '@sluice/core'
import { isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { extended, leftovers, restore, spellingOf } from '../extensions.ts'
import type { Holder, Leftovers } from '../extensions.ts'
import { decodeCitation, encodeCitation } from './citations.ts'
import { contentSpelling, decodeContent, encodeContent, encodeItem } from './content.ts'
import { decodeCall, encodeCall } from './tool-calls.ts'

const FIELDS = new Set(['role', 'content', 'tool_plan', 'tool_calls', 'citations'])

/**
 * Says of a text that it is the plan for the tool calls, which has a field of its own. To other dialects
 * it is what the model says before it calls.
 */
export const PLAN = Object.freeze(extended({}, { field: 'tool_plan' }))

/** Whether a text, or a piece of one, is the plan. */
export function isPlan(part: Pick<TextPart, 'extensions'>): boolean {
  return part.extensions !== undefined && spellingOf(part).field === 'tool_plan'
}

/** Reads leniently; a request's messages are checked before. */
export function decodeAssistant(message: JsonObject): { parts: Part[]; more: Leftovers } {
  const more = leftovers(message, FIELDS, contentSpelling(message.content))
  const parts = decodeContent(message.content)
  const plan = textOf(message.tool_plan) ?? ''
  const homeless = cite(listOf(message.citations), parts)
  if (homeless.length > 0) more.rest.citations = homeless
  if (plan !== '') parts.push({ type: 'text', text: plan, ...PLAN })
  for (const call of listOf(message.tool_calls)) parts.push(decodeCall(objectOf(call) ?? {}))
  return { parts, more }
}

/** Puts citations to the texts they stand in. @returns those of thoughts and plans, where the model has none */
function cite(citations: readonly unknown[], parts: readonly Part[]): unknown[] {
  return citations.filter((citation) => {
    const home = isObject(citation) ? homeOf(citation, parts) : undefined
    if (home === undefined) return true
    home.citations ??= []
    home.citations.push(decodeCitation(citation as JsonObject))
    return false
  })
}

/** Older models write one text, and do not say in which block they cite. */
function homeOf({ type, content_index: index }: JsonObject, parts: readonly Part[]): TextPart | undefined {
  if (!citesText(type)) return undefined
  const part = typeof index === 'number' ? parts[index] : parts.find((part) => part.type === 'text')
  return part?.type === 'text' ? part : undefined
}

/** Whether a citation's type says that it stands in the answer's text. */
export function citesText(type: unknown): boolean {
  return type !== 'THINKING_CONTENT' && type !== 'PLAN'
}

/** @param owner what has the message's extensions */
export function encodeAssistant(parts: readonly Part[], owner: Holder): JsonObject {
  const message: JsonObject = { ...restore(owner), role: 'assistant' }
  const said = parts.filter((part) => part.type !== 'tool-call' && !(part.type === 'text' && isPlan(part)))
  const plan = parts.map((part) => (part.type === 'text' && isPlan(part) ? part.text : '')).join('')
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [encodeCall(part)] : []))
  const citations = [...listOf(message.citations), ...citationsOf(said)]
  Object.assign(message, encodeContent(said, owner))
  if (plan !== '') message.tool_plan = plan
  if (calls.length > 0) message.tool_calls = calls
  if (citations.length > 0) message.citations = citations
  return message
}

function citationsOf(said: readonly Part[]): JsonObject[] {
  const citations: JsonObject[] = []
  let place = 0
  for (const part of said) {
    if (part.type === 'text')
      for (const citation of part.citations ?? []) citations.push(encodeCitation(citation, place, part.text))
    if (encodeItem(part) !== undefined) place++
  }
  return citations
}
