/** What Cohere says and the canonical model has no word for, and how it is kept and put back. */
import type { Extensions, JsonObject } from '@sluice/core'
import { defined, isBlank, isEmpty, keeper } from '@sluice/dialect-kit'

/** The dialect's name, and the key of what it keeps in `extensions`. */
export const NAME = 'cohere'

const own = keeper(NAME)
export const { kept, spellingOf } = own

/** A canonical object that may have extensions. */
export interface Holder {
  extensions?: Extensions
}

/** Unknown fields, and which of several forms of one meaning known ones had. */
export interface Leftovers {
  rest: JsonObject
  spelling?: JsonObject
}

/**
 * What to keep of `wire`: fields that are not in `known`, and known ones that were blank.
 * @param spelling further forms to remember
 */
export function leftovers(wire: JsonObject, known: ReadonlySet<string>, spelling?: JsonObject): Leftovers {
  const unknown: [string, unknown][] = []
  let blanks: JsonObject | undefined
  for (const field in wire) {
    if (!known.has(field)) unknown.push([field, wire[field]])
    else if (isBlank(wire[field])) (blanks ??= {})[field] = wire[field]
  }
  // Not by assignment: a client may name a field `__proto__`.
  const rest = Object.fromEntries(unknown)
  return defined<Leftovers>({ rest, spelling: blanks === undefined ? spelling : { ...spelling, ...blanks } })
}

/** Extensions of a canonical object that always has them, if only empty: they tell that it is Cohere's own. */
export function extended(rest: JsonObject, spelling?: JsonObject): { extensions: Extensions } {
  return own.extended(rest, spelling)
}

/** The leftovers of `wire` as extensions, to be spread into a canonical object; nothing if nothing is left. */
export function keep(...args: Parameters<typeof leftovers>): Holder {
  return keepAll(leftovers(...args))
}

/** The same for leftovers to which something was added. */
export function keepAll({ rest, spelling }: Leftovers): Holder {
  return own.extended(isEmpty(rest) ? undefined : rest, spelling)
}

/** A new wire object with what was kept: unknown fields, and known ones that were blank. */
export function restore(holder: Holder): JsonObject {
  // The spelling stays behind, as it is under a symbol.
  const wire: JsonObject = Object.fromEntries(Object.entries(kept(holder) ?? {}))
  const spelling = spellingOf(holder)
  for (const field in spelling) if (isBlank(spelling[field])) wire[field] = spelling[field]
  return wire
}
