/** What the answer is to look like, in both directions: `responseMimeType` and the schemas beside it. */
import type { JsonObject, ResponseFormat } from '@sluice/core'
import { isObject, optionalObject, optionalString } from '@sluice/dialect-kit'
import { extended, spellingOf } from '../extensions.ts'
import { toJsonSchema } from './schema.ts'
import { saysSame } from './same.ts'

const AT = 'generationConfig.'
const JSON_TYPE = 'application/json'
export const FORMAT_FIELDS = ['responseMimeType', 'responseSchema', 'responseJsonSchema']

/** Undefined if nothing is said, or something that the model has no word for. */
export function decodeFormat(config: JsonObject): ResponseFormat | undefined {
  const type = optionalString(config, 'responseMimeType', AT)
  const openApi = optionalObject(config, 'responseSchema', AT)
  const schema = optionalObject(config, 'responseJsonSchema', AT)
  if (openApi === undefined && schema === undefined) {
    if (type === 'text/plain') return { type: 'text' }
    return type === JSON_TYPE ? { type: 'json' } : undefined
  }
  if ((type !== undefined && type !== JSON_TYPE) || (openApi !== undefined && schema !== undefined)) return undefined
  const spelling = { type, openApi }
  return { type: 'json-schema', schema: schema ?? toJsonSchema(openApi!), ...extended(undefined, spelling) }
}

/** An OpenAPI schema goes out as it came, if it still says the same. */
export function encodeFormat(format: ResponseFormat): JsonObject {
  if (format.type !== 'json-schema') return { responseMimeType: format.type === 'json' ? JSON_TYPE : 'text/plain' }
  const { openApi, ...spelling } = spellingOf(format)
  const type = 'type' in spelling ? spelling.type : JSON_TYPE
  return {
    ...(type !== undefined && { responseMimeType: type }),
    ...(isObject(openApi) && saysSame(toJsonSchema(openApi), format.schema)
      ? { responseSchema: openApi }
      : { responseJsonSchema: format.schema }),
  }
}
