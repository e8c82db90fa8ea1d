/**
 * The data of rows as jsonb can hold them: it takes neither NUL nor half of a surrogate pair. Such a unit, and the mark
 * itself, is written as the mark and its code in four hexadecimal digits.
 */

const MARK = '\uffff'
const FORBIDDEN = /[\0\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const MARKED = /\uffff(.{4})/g

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** A text, such as the name of a field. */
export function encodeText(text: string): string {
  return text.replace(FORBIDDEN, (unit) => MARK + unit.charCodeAt(0).toString(16).padStart(4, '0'))
}

export function decodeText(text: string): string {
  return text.replace(MARKED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** JSON text of a value, all its texts encoded. */
export function encode(value: Json): string {
  const json = JSON.stringify(value)
  // Whatever must be encoded stands in JSON as it is, or as `\u` and its code.
  return json.includes('\\u') || json.includes(MARK) ? JSON.stringify(mapped(value, encodeText)) : json
}

/** What `encode` was given, of what PostgreSQL made of it. */
export function decode<T extends Json>(value: T): T {
  return JSON.stringify(value).includes(MARK) ? (mapped(value, decodeText) as T) : value
}

function mapped(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map((item) => mapped(item, change))
  const entries = Object.entries(value).map(([name, item]) => [change(name), mapped(item, change)])
  return Object.fromEntries(entries)
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value)
}
