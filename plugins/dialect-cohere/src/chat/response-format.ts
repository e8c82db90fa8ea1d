/** `response_format` in both directions. */
import type { JsonObject, ResponseFormat } from '@sluice/core'
import { optionalObject } from '@sluice/dialect-kit'
import { keep, restore, spellingOf } from '../extensions.ts'

const FIELDS = new Set(['type', 'json_schema', 'schema'])

/** Undefined if there is none, or one that says more than the model can. */
export function decodeResponseFormat(body: JsonObject): ResponseFormat | undefined {
  const format = optionalObject(body, 'response_format')
  if (format === undefined) return undefined
  // Cohere called it `schema` at first, and still takes it.
  const field = 'schema' in format ? 'schema' : 'json_schema'
  const schema = optionalObject(format, field, 'response_format.')
  if (format.type === 'json_object' && schema !== undefined)
    return {
      type: 'json-schema',
      schema,
      ...keep(format, FIELDS, field === 'schema' ? { field } : undefined),
    }
  if (Object.keys(format).length > 1) return undefined
  if (format.type === 'json_object') return { type: 'json' }
  return format.type === 'text' ? { type: 'text' } : undefined
}

export function encodeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type !== 'json-schema') return { type: format.type === 'json' ? 'json_object' : 'text' }
  const field = spellingOf(format).field === 'schema' ? 'schema' : 'json_schema'
  return { ...restore(format), type: 'json_object', [field]: format.schema }
}
