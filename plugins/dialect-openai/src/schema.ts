/** A JSON schema for the answer, and a function that the model may call: the fields in which all of OpenAI's APIs describe them. */
import type { FunctionTool, JsonObject, ResponseFormat } from '@sluice/core'
import { defined, optionalBoolean, optionalObject, optionalString, requiredString } from '@sluice/dialect-kit'
import type { Kept } from './kept.ts'
import { spellingOf } from './kept.ts'

type SchemaFormat = Extract<ResponseFormat, { type: 'json-schema' }>

export const SCHEMA_FIELDS = 'name description schema strict'
export const FUNCTION_FIELDS = 'name description parameters strict'

/**
 * Throws `invalid_request` on a wrong type.
 * @param at path of `described` with its dot
 */
export function readSchema(described: JsonObject, at: string): SchemaFormat {
  return defined<SchemaFormat>({
    type: 'json-schema',
    schema: optionalObject(described, 'schema', at) ?? {},
    name: optionalString(described, 'name', at),
    description: optionalString(described, 'description', at),
    strict: optionalBoolean(described, 'strict', at),
  })
}

/** To be kept as spelling: whether there was a schema at all. */
export function schemaSpelling(described: JsonObject): JsonObject {
  return 'schema' in described ? {} : { schema: 'absent' }
}

/**
 * A schema without a name gets one: these APIs demand it.
 * @param kept what was kept of the object that described the schema
 */
export function writeSchema({ name, description, schema, strict }: SchemaFormat, kept: Kept | undefined): JsonObject {
  const isAbsent = spellingOf(kept).schema !== undefined && Object.keys(schema).length === 0
  return defined({
    name: name ?? (kept === undefined ? 'response' : undefined),
    description,
    schema: isAbsent ? undefined : schema,
    strict,
  })
}

/** Throws `invalid_request` on a wrong shape. */
export function readFunction(described: JsonObject, at: string): FunctionTool {
  return defined<FunctionTool>({
    type: 'function',
    name: requiredString(described, 'name', at),
    description: optionalString(described, 'description', at),
    parameters: optionalObject(described, 'parameters', at),
    strict: optionalBoolean(described, 'strict', at),
  })
}

export function writeFunction({ name, description, parameters, strict }: FunctionTool): JsonObject {
  return defined({ name, description, parameters, strict })
}
