/** What Anthropic says and the canonical model has no word for, and how it is kept. */
import type { Extensions, JsonObject } from '@sluice/core'

/** The dialect's name, and the key of what it keeps in `extensions`. */
export const NAME = 'anthropic'

/** The fields of `body` that are not in `known`, and its nulls, for which the model has no word either. */
export function leftovers(body: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined
  for (const key in body) if (body[key] === null || !known.has(key)) (rest ??= {})[key] = body[key]
  return rest
}

/**
 * Which of several spellings of one meaning a client used. Under a symbol, as a spelling is not a parameter:
 * other dialects must not find it and report it as dropped.
 */
const SPELLING = Symbol('anthropic spelling')

/**
 * `rest` as the extensions of a canonical object; no field at all if there is nothing to keep.
 * @param spelling of fields that the model has words for, by field
 */
export function extended(rest: JsonObject, spelling?: JsonObject): { extensions: Extensions }
export function extended(rest: JsonObject | undefined, spelling?: JsonObject): { extensions?: Extensions }
export function extended(rest: JsonObject | undefined, spelling?: JsonObject): { extensions?: Extensions } {
  if (spelling !== undefined) return { extensions: { [NAME]: { ...rest, [SPELLING]: spelling } } }
  return rest === undefined ? {} : { extensions: { [NAME]: rest } }
}

/** What `extended` kept of spellings. */
export function spellingOf(object: { extensions?: Extensions }): JsonObject {
  const own: { [SPELLING]?: JsonObject } | undefined = object.extensions?.[NAME]
  return own?.[SPELLING] ?? {}
}

/**
 * What this dialect kept on a canonical object. Requests, responses and stream starts that it decoded
 * always have it, if only empty: that tells its own from those that came from another dialect.
 */
export function kept(object: { extensions?: Extensions }): JsonObject | undefined {
  return object.extensions?.[NAME]
}
