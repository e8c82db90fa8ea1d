/** `output_config`, and `output_format` before it: effort and format of the answer, in both directions. */
import type { JsonObject, ResponseFormat } from '@sluice/core'
import { isObject, optionalObject, optionalString, requiredObject } from '@sluice/dialect-kit'
import { extended, kept, spellingOf } from '../extensions.ts'

interface Output {
  effort?: string
  responseFormat?: ResponseFormat
  /** What the model has no word for, by field of the body. */
  rest: JsonObject
}

/** @param thinks false where thinking is switched off: the model has no word for the effort of the answer alone */
export function decodeOutput(body: JsonObject, thinks: boolean): Output {
  const config = optionalObject(body, 'output_config')
  const older = optionalObject(body, 'output_format')
  const format = decodeFormat(older, 'output_format.', OLDER)
  const rest = older && format === undefined ? { output_format: older } : {}
  if (config === undefined) return { ...(format && { responseFormat: format }), rest }

  const { ...others } = config
  const effort = optionalString(config, 'effort', 'output_config.')
  const known = thinks && effort !== undefined && effort !== 'none'
  if (known) delete others.effort
  const newer = older
    ? undefined
    : decodeFormat(optionalObject(config, 'format', 'output_config.'), 'output_config.format.')
  if (newer) delete others.format
  const responseFormat = format ?? newer
  const isKept = Object.keys(others).length > 0 || !(known || newer)
  return {
    ...(known && { effort }),
    ...(responseFormat && { responseFormat }),
    rest: isKept ? { ...rest, output_config: others } : rest,
  }
}

const OLDER: JsonObject = { field: 'output_format' }

function decodeFormat(format: JsonObject | undefined, at: string, spelling?: JsonObject): ResponseFormat | undefined {
  if (format?.type !== 'json_schema') return undefined
  const { type: _, schema: __, ...others } = format
  return {
    type: 'json-schema',
    schema: requiredObject(format, 'schema', at),
    ...extended(Object.keys(others).length > 0 ? others : undefined, spelling),
  }
}

/** The fields of the body. @param own what was kept of the client's */
export function encodeOutput(
  own: JsonObject,
  effort: string | undefined,
  format: ResponseFormat | undefined,
): JsonObject {
  const config: JsonObject = {}
  const fields: JsonObject = {}
  if (effort !== undefined && effort !== 'none') config.effort = effort
  if (format?.type === 'json-schema') {
    const schema = { ...kept(format), type: 'json_schema', schema: format.schema }
    if (spellingOf(format).field === undefined) config.format = schema
    else fields.output_format = schema
  }
  if (Object.keys(config).length > 0)
    fields.output_config = { ...(isObject(own.output_config) && own.output_config), ...config }
  return fields
}
