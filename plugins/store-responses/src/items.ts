/** Items of a conversation: in the form in which they are kept and listed, and by reference. */
import type { JsonObject, Principal } from '@sluice/core'
import { isObject, listOf, textOf } from '@sluice/dialect-kit'
import { inputId, responseOf } from './ids.ts'
import type { Records, ResponseRecord } from './records.ts'

/** More responses than one request refers to. */
const MAX_RESPONSES = 32

/** What the next turn continues: the items before the answer, and those of the answer. */
export function conversationOf({ input, response }: ResponseRecord): JsonObject[] {
  return [...input, ...listOf(response.output).filter(isObject)]
}

/** @param exchange id, from which items that have none get theirs */
export function inputItems(input: unknown, exchange: string, from: number): JsonObject[] {
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : listOf(input).filter(isObject)
  return items.map((item, index) => whole(item, exchange, from + index))
}

/** A message may be said in short. */
function whole(item: JsonObject, exchange: string, index: number): JsonObject {
  const isMessage = item.type === 'message' || ((item.type ?? undefined) === undefined && item.role !== undefined)
  const said = isMessage ? { status: 'completed', ...item, type: 'message', content: contentOf(item) } : item
  return { ...said, id: textOf(item.id) ?? inputId(said, exchange, index) }
}

function contentOf({ role, content }: JsonObject): unknown {
  if (typeof content !== 'string') return content
  return role === 'assistant'
    ? [{ type: 'output_text', text: content, annotations: [] }]
    : [{ type: 'input_text', text: content }]
}

function referenceIn(item: unknown): string | undefined {
  if (!isObject(item)) return undefined
  const { type = null, id, role } = item
  return type === 'item_reference' || (type === null && role === undefined) ? textOf(id) : undefined
}

/** A request's items with those in place that it refers to; undefined if it refers to none. */
export interface Resolved {
  items: unknown[] | undefined
  /** Id of one that is not kept here, or is not the principal's. Its reference stays. */
  missing: string | undefined
}

/** @param earlier what the request continues @throws GatewayError `overloaded` if the store fails */
export async function resolved(
  input: unknown,
  earlier: readonly JsonObject[],
  records: Records,
  principal: Principal,
): Promise<Resolved> {
  const items = listOf(input)
  const ids = new Set(items.flatMap((item) => referenceIn(item) ?? []))
  if (ids.size === 0) return { items: undefined, missing: undefined }
  const known = new Map(earlier.map((item) => [item.id, item]))
  const responses = new Set([...ids].flatMap((id) => (known.has(id) ? [] : (responseOf(id) ?? []))))
  for (const response of [...responses].slice(0, MAX_RESPONSES)) {
    const record = await records.response(response, principal)
    for (const item of record ? conversationOf(record) : []) known.set(item.id, item)
  }
  return {
    items: items.map((item) => known.get(referenceIn(item)) ?? item),
    missing: [...ids].find((id) => !known.has(id)),
  }
}
