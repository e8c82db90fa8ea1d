/** What Gemini says and the canonical model has no word for, and how it is kept. */
import type { Extensions, JsonObject } from '@sluice/core'
import { keeper, listOf } from '@sluice/dialect-kit'

/** The dialect's name, and the key of what it keeps in `extensions`. */
export const NAME = 'gemini'

export const { extended, kept, leftovers, spellingOf } = keeper(NAME)

type Holder = { extensions?: Extensions }

/**
 * Keeps the fields of `wire` that are not in `known`. Its nulls say nothing and are kept as a spelling, so
 * that other dialects do not report them as dropped.
 * @param spelling of fields that the model has words for, by field
 */
export function keep(wire: JsonObject, known: ReadonlySet<string>, spelling?: JsonObject): Holder {
  const fields = Object.entries(wire)
  const rest = fields.filter(([field, value]) => value !== null && !known.has(field))
  const nulls = fields.filter(([, value]) => value === null).map(([field]) => field)
  const spelled = nulls.length > 0 ? { ...spelling, nulls } : spelling
  // Not by assignment: a client may well send a field called "__proto__".
  return extended(rest.length > 0 ? Object.fromEntries(rest) : undefined, spelled && some(spelled))
}

/** A new wire object with what `keep` kept of another. */
export function restore(holder: Holder): JsonObject {
  const nulls = listOf(spellingOf(holder).nulls)
  return { ...kept(holder), ...Object.fromEntries(nulls.map((field) => [field, null])) }
}

/** Undefined for an object without fields. */
export function some(object: JsonObject): JsonObject | undefined {
  return Object.keys(object).length > 0 ? object : undefined
}
