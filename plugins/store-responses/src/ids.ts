/** Ids that the gateway gives: a response's and its items' hold the id of their exchange. */
import type { JsonObject } from '@sluice/core'

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const RESPONSE = new RegExp(`^resp_${UUID}$`)
const ITEM = new RegExp(`^[a-z]+_(${UUID})_`)
/** What can stand in a path as it is. */
const PLAIN = /^[\w-]{1,256}$/

/** OpenAI refuses ids with other prefixes, when a conversation later goes to it. */
const PREFIXES: ReadonlyMap<unknown, string> = new Map([
  ['message', 'msg'],
  ['reasoning', 'rs'],
  ['function_call', 'fc'],
  ['function_call_output', 'fc'],
  ['custom_tool_call', 'ctc'],
  ['custom_tool_call_output', 'ctc'],
])

/** Whether a gateway may have given it. */
export function isOurs(id: string): boolean {
  return RESPONSE.test(id)
}

export function isPlain(id: string): boolean {
  return PLAIN.test(id)
}

/** Id of the response that an item belongs to; undefined if no gateway gave it. */
export function responseOf(itemId: string): string | undefined {
  const [, exchange] = ITEM.exec(itemId) ?? []
  return exchange && `resp_${exchange}`
}

/** @param index of the item in the input of the exchange's request */
export function inputId({ type }: JsonObject, exchange: string, index: number): string {
  return `${PREFIXES.get(type) ?? 'item'}_${exchange}_in${index}`
}
