/** Filters of a journal as SQL. */
import type { Filter, Scalar } from '@sluice/store-kit'
import { keyOf } from '../key.ts'
import { pathOf } from './fields.ts'

/** `sql` belongs behind WHERE; `values` are those of its parameters, in their order. */
export type Condition = { sql: string; values: unknown[] }

export function whereSql(journal: string, { from, to, where = {} }: Filter): Condition {
  const parts: Condition[] = [{ sql: 'journal = ?', values: [keyOf(journal)] }]
  if (from !== undefined) parts.push({ sql: 'time >= ?', values: [from] })
  if (to !== undefined) parts.push({ sql: 'time < ?', values: [to] })
  for (const [field, wanted] of Object.entries(where)) parts.push(matching(field, [wanted].flat()))
  return { sql: parts.map(({ sql }) => sql).join(' AND '), values: parts.flatMap(({ values }) => values) }
}

/**
 * Values are compared as JSON, which `JSON.stringify` writes in one way only: so NUL and lone surrogates count, and
 * 1 is not '1'.
 */
function matching(field: string, wanted: readonly Scalar[]): Condition {
  const path = pathOf(field)
  const among = 'IN (SELECT value FROM json_each(?))'
  const element = `EXISTS (SELECT 1 FROM json_each(data, ${path}) item WHERE data -> (${path} || '[' || item.key || ']') ${among})`
  const absent = wanted.includes(null) ? ` OR data -> ${path} IS NULL` : ''
  const list = JSON.stringify(wanted.map((value) => JSON.stringify(value)))
  return {
    sql: `(data -> ${path} ${among} OR json_type(data, ${path}) = 'array' AND ${element}${absent})`,
    values: [list, list],
  }
}
