/** Schemas of `parameters` and `responseSchema`: OpenAPI's, from which JSON Schema differs in a few words. */
import type { JsonObject } from '@sluice/core'
import { isObject } from '@sluice/dialect-kit'
import { camelCased } from './camel.ts'

/** Numbers that Google writes as texts. */
const COUNTS = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'])
const BY_NAME = new Set(['properties', 'defs', '$defs'])
const LISTS = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems'])
const SINGLE = new Set(['items', 'additionalProperties'])
/** What JSON Schema has no word for. */
const UNKNOWN = new Set(['nullable', 'propertyOrdering'])
const RENAMED = new Set([...COUNTS, 'anyOf', 'prefixItems', 'propertyOrdering', 'additionalProperties'])

/** The JSON Schema that means the same. */
export function toJsonSchema(openApi: JsonObject): JsonObject {
  const schema = camelCased(openApi, RENAMED, '')
  const isNullable = schema.nullable === true
  const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] =>
    UNKNOWN.has(key) ? [] : [[key, translate(key, value, isNullable)]],
  )
  return Object.fromEntries(entries)
}

function translate(key: string, value: unknown, isNullable: boolean): unknown {
  if (key === 'type' && typeof value === 'string') {
    const type = value.toLowerCase()
    return isNullable ? [type, 'null'] : type
  }
  if (key === 'enum' && isNullable && Array.isArray(value)) return [...(value as unknown[]), null]
  if (COUNTS.has(key) && typeof value === 'string') return Number(value)
  if (SINGLE.has(key) && isObject(value)) return toJsonSchema(value)
  if (LISTS.has(key) && Array.isArray(value)) return value.map((item) => (isObject(item) ? toJsonSchema(item) : item))
  if (BY_NAME.has(key) && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, isObject(item) ? toJsonSchema(item) : item]),
    )
  }
  return value
}
