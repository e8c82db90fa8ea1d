/** `outputConfig` in both directions: the form of the answer, and how much effort goes into it. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, ResponseFormat } from '@sluice/core'
import {
  defined,
  isObject,
  objectOf,
  optionalObject,
  optionalString,
  requiredString,
  tryParse,
} from '@sluice/dialect-kit'
import { isDeepStrictEqual } from 'node:util'
import { extended, spellingOf } from '../extensions.ts'

interface Output {
  effort?: string | undefined
  responseFormat?: ResponseFormat | undefined
  /** What the model has no word for. */
  rest?: JsonObject | undefined
}

const AT = 'outputConfig.'
const SCHEMA_AT = `${AT}textFormat.structure.jsonSchema.`

/** @param thinks false where thinking is switched off: the model has no word for the effort of the answer alone */
export function decodeOutput(body: JsonObject, thinks: boolean): Output {
  const config = optionalObject(body, 'outputConfig')
  if (config === undefined) return {}
  const { textFormat, effort: _, ...rest } = config
  const format = optionalObject(config, 'textFormat', AT)
  const responseFormat = format && decodeFormat(format)
  if (responseFormat === undefined && textFormat !== undefined) rest.textFormat = textFormat
  const effort = optionalString(config, 'effort', AT)
  const known = thinks && effort !== undefined && effort !== 'none'
  if (!known && 'effort' in config) rest.effort = config.effort
  return { effort: known ? effort : undefined, responseFormat, rest: Object.keys(rest).length > 0 ? rest : undefined }
}

/** Undefined for a format that only Bedrock knows, and for one with fields of which the model has no word. */
function decodeFormat(format: JsonObject): ResponseFormat | undefined {
  const definition = objectOf(objectOf(format.structure)?.jsonSchema)
  if (definition === undefined) return undefined
  const text = requiredString(definition, 'schema', SCHEMA_AT)
  const schema = tryParse(text)
  if (!isObject(schema))
    throw invalidRequest(`"${SCHEMA_AT}schema" must be a JSON Schema as text.`, `${SCHEMA_AT}schema`)
  const decoded = defined<ResponseFormat & { type: 'json-schema' }>({
    type: 'json-schema',
    schema,
    name: optionalString(definition, 'name', SCHEMA_AT),
    description: optionalString(definition, 'description', SCHEMA_AT),
    ...(JSON.stringify(schema) === text ? {} : extended(undefined, { schema: text })),
  })
  return isDeepStrictEqual(encodeFormat(decoded), format) ? decoded : undefined
}

function encodeFormat(format: ResponseFormat & { type: 'json-schema' }): JsonObject {
  const { name, description } = format
  const definition = defined<JsonObject>({ schema: schemaText(format), name, description })
  return { type: 'json_schema', structure: { jsonSchema: definition } }
}

/** As the client wrote it, if it is still the same schema. */
function schemaText(format: ResponseFormat & { type: 'json-schema' }): string {
  const { schema: written } = spellingOf(format)
  return typeof written === 'string' && isDeepStrictEqual(tryParse(written), format.schema)
    ? written
    : JSON.stringify(format.schema)
}

/** The fields of the object. */
export function encodeOutput(format: ResponseFormat | undefined, effort: string | undefined): JsonObject {
  return { textFormat: format?.type === 'json-schema' ? encodeFormat(format) : undefined, effort }
}
