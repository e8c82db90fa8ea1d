/**
 * Data of rows as JSON, with field names that every JSON path finds. SQLite takes `"a\u0000"` for `"a"`, so whatever
 * JSON would have to escape is written as `%` and four digits.
 */
import type { Row } from '@sluice/store-kit'

type Data = Row['data']

const UNSAFE = /[^ !#$&-[\]-~]/g
const ESCAPED = /%([0-9a-f]{4})/g

export function dataText(data: Data): string {
  const isPlain = Object.keys(data).every((field) => field.search(UNSAFE) < 0)
  return JSON.stringify(isPlain ? data : renamed(data, safeName))
}

export function dataOf(text: string): Data {
  const data = JSON.parse(text) as Data
  return text.includes('%') ? renamed(data, plainName) : data
}

/** JSON path of a field as SQL. */
export function pathOf(field: string): string {
  return `'$."${safeName(field).replaceAll("'", "''")}"'`
}

function safeName(field: string): string {
  return field.replace(UNSAFE, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function plainName(safe: string): string {
  return safe.replace(ESCAPED, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)))
}

function renamed(data: Data, rename: (field: string) => string): Data {
  return Object.fromEntries(Object.entries(data).map(([field, value]) => [rename(field), value]))
}
