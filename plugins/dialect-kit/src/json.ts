/** Reading JSON that somebody else wrote: parse once, check once, say exactly what was wrong. */
import { GatewayError, invalidRequest } from '@sluice/core'
import type { DialectName, Extensions, JsonObject } from '@sluice/core'

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Parses an object that an upstream sent.
 * @param text already bounded by whoever read it
 * @param what for the message, with its article, e.g. `an event`
 * @throws GatewayError `upstream_error` if it is not a JSON object
 */
export function parseUpstreamObject(text: string, what: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new GatewayError('upstream_error', `The upstream sent ${what} that is not JSON.`, { cause })
  }
  if (!isObject(value)) throw new GatewayError('upstream_error', `The upstream sent ${what} that is not a JSON object.`)
  return value
}

/** `text` parsed, or undefined if it is not JSON. For texts that may lawfully be anything, such as tool arguments. */
export function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether a field says nothing, in one of the ways to say nothing. */
export function isBlank(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Whether an object has no fields. */
export function isEmpty(object: object): boolean {
  for (const _ in object) return false
  return true
}

/** The same object without the keys whose value is undefined. */
export function defined<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}

/** The fields of `body` that are not in `known`, as this dialect's extensions; undefined if there are none. */
export function unknownFields(
  body: JsonObject,
  known: ReadonlySet<string>,
  dialect: DialectName,
): Extensions | undefined {
  const rest = Object.entries(body).filter(([key]) => !known.has(key))
  // Not by assignment: a client may well send a field called "__proto__".
  return rest.length > 0 ? { [dialect]: Object.fromEntries(rest) } : undefined
}

// --- Fields of a client's request: a wrong type is the client's mistake and names the field. `at` is the
// --- path of the object with its dot, e.g. `messages[2].`, or ''. `null` counts as absent.

function wrong(at: string, key: string, expected: string, value: unknown): GatewayError {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value
  return invalidRequest(
    `"${at}${key}" must be ${expected}, not ${value === undefined ? 'missing' : got}.`,
    `${at}${key}`,
  )
}

export function optionalString(body: JsonObject, key: string, at = ''): string | undefined {
  const value = body[key] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw wrong(at, key, 'a string', value)
}

export function requiredString(body: JsonObject, key: string, at = ''): string {
  const value = body[key]
  if (typeof value === 'string') return value
  throw wrong(at, key, 'a string', value)
}

export function optionalNumber(body: JsonObject, key: string, at = ''): number | undefined {
  const value = body[key] ?? undefined
  if (value === undefined || typeof value === 'number') return value
  throw wrong(at, key, 'a number', value)
}

export function optionalBoolean(body: JsonObject, key: string, at = ''): boolean | undefined {
  const value = body[key] ?? undefined
  if (value === undefined || typeof value === 'boolean') return value
  throw wrong(at, key, 'true or false', value)
}

export function optionalObject(body: JsonObject, key: string, at = ''): JsonObject | undefined {
  const value = body[key] ?? undefined
  if (value === undefined || isObject(value)) return value
  throw wrong(at, key, 'an object', value)
}

export function requiredObject(body: JsonObject, key: string, at = ''): JsonObject {
  return optionalObject(body, key, at) ?? fail(at, key, 'an object', body[key])
}

export function optionalArray(body: JsonObject, key: string, at = ''): unknown[] | undefined {
  const value = body[key] ?? undefined
  if (value === undefined || Array.isArray(value)) return value
  throw wrong(at, key, 'an array', value)
}

export function requiredArray(body: JsonObject, key: string, at = ''): unknown[] {
  return optionalArray(body, key, at) ?? fail(at, key, 'an array', body[key])
}

/** An array's item as an object. */
export function itemObject(value: unknown, path: string): JsonObject {
  if (isObject(value)) return value
  throw wrong('', path, 'an object', value)
}

function fail(at: string, key: string, expected: string, value: unknown): never {
  throw wrong(at, key, expected, value)
}

// --- Fields of an upstream's answer: whatever is not of the expected type is taken as absent.

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A token count; 0 if it is absent or nonsense. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}

export function objectOf(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
