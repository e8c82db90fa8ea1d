/** Reading JSON that may be anything. */
import type { JsonObject } from '../model.ts'

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `text` parsed, or undefined if it is not JSON. */
export function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @throws TypeError if `text` is JSON but no object, SyntaxError if it is no JSON */
export function parseObject(text: string): JsonObject {
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) throw new TypeError(`not a JSON object: ${text}`)
  return value
}

/** What is left of a value once it has been sent: no undefined fields. */
export function plain(value: JsonObject): JsonObject {
  return parseObject(JSON.stringify(value))
}
