import type { Bucket, Filter, Scalar, Sum, Sums } from '@sluice/store-kit'
import type { Database } from 'better-sqlite3'
import { pathOf } from './fields.ts'
import { whereSql } from './where.ts'

const spans = (milliseconds: number): string => `floor(time / ${milliseconds}) * ${milliseconds}`
/** The beginning of the bucket that a row is in. */
const BEGINNING: { readonly [B in Bucket]: string } = {
  minute: spans(60_000),
  hour: spans(3_600_000),
  day: spans(86_400_000),
  month: `unixepoch(time / 1000, 'unixepoch', 'start of month') * 1000`,
}

/** One line a group, in the order of time, then of the group's values. Integers are added as integers. */
export function sumRows(db: Database, journal: string, filter: Filter, { by = [], bucket, fields }: Sums): Sum[] {
  const groups = by.map((field) => `ifnull(data -> ${pathOf(field)}, 'null')`)
  if (bucket) groups.push(BEGINNING[bucket])
  const { sql, values } = whereSql(journal, filter)
  const columns = [...groups, 'count(*)', ...fields.map(total)].join(', ')
  const grouping = groups.length > 0 ? `GROUP BY ${groups.map((_, index) => index + 1).join(', ')}` : ''
  const lines = db
    .prepare<unknown[], (string | number)[]>(`SELECT ${columns} FROM rows WHERE ${sql} ${grouping} HAVING count(*) > 0`)
    .raw()
    .all(...values)
  const sumOf = (line: (string | number)[]): Sum => {
    const numbers = line.slice(by.length) as number[]
    const time = bucket && { time: numbers.shift()! }
    const count = numbers.shift()!
    return {
      group: Object.fromEntries(by.map((field, index) => [field, scalarOf(String(line[index]))])),
      ...time,
      count,
      sums: Object.fromEntries(fields.map((field, index) => [field, numbers[index]!])),
    }
  }
  return lines.map(sumOf).sort((a, b) => (a.time ?? 0) - (b.time ?? 0) || compareGroups(a, b, by))
}

function compareGroups(a: Sum, b: Sum, by: readonly string[]): number {
  for (const field of by) {
    const order = compare(a.group[field]!, b.group[field]!)
    if (order !== 0) return order
  }
  return 0
}

/** Numbers in their order, texts in theirs; of different types, null first. */
function compare(a: Scalar, b: Scalar): number {
  if (a === b) return 0
  if (typeof a === typeof b) return a! < b! ? -1 : 1
  return a === null || (b !== null && typeof a < typeof b) ? -1 : 1
}

/** Only of numbers: SQL would take a text for one. */
function total(field: string): string {
  const path = pathOf(field)
  return `ifnull(sum(iif(json_type(data, ${path}) IN ('integer', 'real'), data ->> ${path}, NULL)), 0)`
}

/** A list stands for itself as JSON. */
function scalarOf(text: string): Scalar {
  const value: unknown = JSON.parse(text)
  return Array.isArray(value) ? text : (value as Scalar)
}
