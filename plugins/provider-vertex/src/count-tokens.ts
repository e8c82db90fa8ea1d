/** `countTokens` of Vertex AI, which has the fields of a request side by side. */
import type { JsonObject } from '@sluice/core'
import type { Drop } from './gemini.ts'
import { camelCased, objectIn, spellingsOf } from './json.ts'

const WHOLE = spellingsOf('generateContentRequest')
const FIELDS = new Set(['contents', 'systemInstruction', 'tools', 'generationConfig'])

/** The body without the object that the Gemini API has around a whole request. */
export function vertexCountBody(body: JsonObject, drop: Drop): JsonObject {
  const request = objectIn(body, WHOLE)
  if (request === undefined) return body
  const counted: JsonObject = {}
  for (const [field, value] of Object.entries(request)) {
    const name = camelCased(field)
    if (FIELDS.has(name)) counted[name] = value
    else if (name !== 'model' && value !== null) drop(field, 'Vertex AI does not count it')
  }
  return counted
}
