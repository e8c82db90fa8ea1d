/** Lists in the API's form. */
import type { JsonObject } from '@sluice/core'
import { wrongParam } from './errors.ts'

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 100

/** @param items the oldest first; a list begins with the newest unless `query` says otherwise @throws GatewayError `invalid_request` */
export function pageOf(items: readonly JsonObject[], query: URLSearchParams): JsonObject {
  const order = query.get('order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc') throw wrongParam("'order' must be one of 'asc' and 'desc'.", 'order')
  const limit = Number(query.get('limit') ?? DEFAULT_LIMIT)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw wrongParam(`'limit' must be an integer from 1 to ${MAX_LIMIT}.`, 'limit')
  const sorted = order === 'asc' ? items : items.toReversed()
  const data = sorted.slice(startOf(sorted, query.get('after')))
  const page = data.slice(0, limit)
  return {
    object: 'list',
    data: page,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: data.length > limit,
  }
}

function startOf(items: readonly JsonObject[], after: string | null): number {
  if (after === null) return 0
  const index = items.findIndex(({ id }) => id === after)
  if (index < 0) throw wrongParam(`No item with id '${after}' found.`, 'after')
  return index + 1
}
