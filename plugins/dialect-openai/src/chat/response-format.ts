/** `response_format`, both directions. */
import type { JsonObject, ResponseFormat } from '@sluice/core'
import { requiredObject, requiredString } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'
import { fields, innerOf, keepWithin, restoreWithin } from '../kept.ts'
import { readSchema, SCHEMA_FIELDS, schemaSpelling, writeSchema } from '../schema.ts'
import { extensions, keptIn } from './extensions.ts'

const FIELDS = {
  outer: fields('type json_schema'),
  inner: fields(SCHEMA_FIELDS),
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
  const described = requiredObject(wire, 'json_schema', 'response_format.')
  const inner = schemaSpelling(described)
  return {
    ...readSchema(described, 'response_format.json_schema.'),
    ...extensions(keepWithin(wire, 'json_schema', FIELDS, { inner })),
  }
}

export function encodeResponseFormat(format: ResponseFormat, drops: Drops): JsonObject {
  if (format.type !== 'json-schema') return { type: format.type === 'json' ? 'json_object' : 'text' }
  drops.addForeign(format.extensions, 'response_format.')
  const kept = keptIn(format)
  const { wire, inner } = restoreWithin(kept, 'json_schema')
  Object.assign(inner, writeSchema(format, kept && (innerOf(kept, 'json_schema') ?? {})))
  return { ...wire, type: 'json_schema' }
}
