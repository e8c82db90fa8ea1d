/** Ids of what the gateway itself puts in an answer. */
import type { JsonObject, ReplyContext } from '@sluice/core'

/** Prefixes by type of item: OpenAI refuses ids with others, when a conversation later goes to it. */
const PREFIXES: ReadonlyMap<unknown, string> = new Map([
  ['message', 'msg'],
  ['reasoning', 'rs'],
  ['function_call', 'fc'],
  ['custom_tool_call', 'ctc'],
])

export function responseId({ id }: ReplyContext): string {
  return `resp_${id}`
}

/** @param index of the item in its response */
export function itemId({ id }: ReplyContext, { type }: JsonObject, index: number): string {
  return `${PREFIXES.get(type) ?? 'item'}_${id}_${index}`
}
