/** `text`: the format of the answer and how long-winded it is, both directions. */
import type { JsonObject, ResponseFormat } from '@sluice/core'
import { optionalObject, optionalString, requiredString } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'
import { fields, keep, restore } from '../kept.ts'
import type { Kept } from '../kept.ts'
import { readSchema, SCHEMA_FIELDS, schemaSpelling, writeSchema } from '../schema.ts'
import { extensions, keptIn } from './extensions.ts'

const FIELDS = fields('format verbosity')
const FORMAT_FIELDS = fields('type', SCHEMA_FIELDS)

/** Throws `invalid_request` on a wrong shape. */
export function decodeText(text: JsonObject): {
  format: ResponseFormat | undefined
  verbosity: string | undefined
  kept: Kept
} {
  const wire = optionalObject(text, 'format', 'text.')
  const format = wire && decodeFormat(wire)
  const kept = keep(text, FIELDS)
  if (wire !== undefined && format === undefined) kept.format = wire
  return { format, verbosity: optionalString(text, 'verbosity', 'text.'), kept }
}

/** Undefined for forms that only this API has. */
function decodeFormat(wire: JsonObject): ResponseFormat | undefined {
  const at = 'text.format.'
  const type = requiredString(wire, 'type', at)
  if (type === 'json_schema')
    return { ...readSchema(wire, at), ...extensions(keep(wire, FORMAT_FIELDS, schemaSpelling(wire))) }
  if (Object.keys(wire).length > 1) return undefined
  if (type === 'text') return { type: 'text' }
  return type === 'json_object' ? { type: 'json' } : undefined
}

/** @param drops nowhere to report to where the client's own format is shown to it */
export function encodeFormat(format: ResponseFormat, drops?: Drops): JsonObject {
  if (format.type !== 'json-schema') return { type: format.type === 'json' ? 'json_object' : 'text' }
  drops?.addForeign(format.extensions, 'response_format.')
  const kept = keptIn(format)
  return { ...restore(kept), type: 'json_schema', ...writeSchema(format, kept) }
}
