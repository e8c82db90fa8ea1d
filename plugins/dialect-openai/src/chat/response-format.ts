/** `response_format`, both directions. */
import type { JsonObject, ResponseFormat } from '@sluice/core'
import {
  defined,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
} from '@sluice/dialect-kit'
import type { Drops } from './drops.ts'
import { extensions, fields, innerOf, keepWithin, keptIn, restoreWithin, spellingOf } from './extensions.ts'

const FIELDS = {
  outer: fields('type json_schema'),
  inner: fields('name description schema strict'),
}

/** Undefined for forms of single vendors, e.g. `regex` or a grammar. Throws `invalid_request` on a wrong shape. */
export function decodeResponseFormat(wire: JsonObject): ResponseFormat | undefined {
  const type = requiredString(wire, 'type', 'response_format.')
  if (type === 'json_schema') return decodeSchema(wire)
  if (Object.keys(wire).length > 1) return undefined
  if (type === 'text') return { type: 'text' }
  return type === 'json_object' ? { type: 'json' } : undefined
}

function decodeSchema(wire: JsonObject): ResponseFormat {
  const at = 'response_format.json_schema.'
  const described = requiredObject(wire, 'json_schema', 'response_format.')
  const schema = optionalObject(described, 'schema', at)
  const inner: JsonObject = 'schema' in described ? {} : { schema: 'absent' }
  return defined<Extract<ResponseFormat, { type: 'json-schema' }>>({
    type: 'json-schema',
    schema: schema ?? {},
    name: optionalString(described, 'name', at),
    description: optionalString(described, 'description', at),
    strict: optionalBoolean(described, 'strict', at),
    ...extensions(keepWithin(wire, 'json_schema', FIELDS, { inner })),
  })
}

/** A schema without a name gets one: this API demands it. */
export function encodeResponseFormat(format: ResponseFormat, drops: Drops): JsonObject {
  if (format.type !== 'json-schema') return { type: format.type === 'json' ? 'json_object' : 'text' }
  drops.addForeign(format.extensions, 'response_format.')
  const kept = keptIn(format)
  const { wire, inner } = restoreWithin(kept, 'json_schema')
  const name = format.name ?? (kept === undefined ? 'response' : undefined)
  const { description, strict } = format
  const isAbsent =
    spellingOf(innerOf(kept, 'json_schema')).schema !== undefined && Object.keys(format.schema).length === 0
  Object.assign(inner, defined({ name, description, schema: isAbsent ? undefined : format.schema, strict }))
  return { ...wire, type: 'json_schema' }
}
