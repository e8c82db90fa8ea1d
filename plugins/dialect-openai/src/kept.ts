/**
 * What the canonical model has no word for: kept beside it by the decoders, put back by the encoders.
 *
 * Two things are kept. Fields nobody here knows are kept as they are, in the dialect's `extensions`.
 * And where one meaning has several spellings (`null`, `''`, `[]` or nothing; one text or a list of one;
 * `max_tokens` or `max_completion_tokens`), the one that was used is kept under a symbol: a spelling is
 * not a parameter, so other dialects must not find it there and report it as dropped.
 */
import type { DialectName, Extensions, JsonObject } from '@sluice/core'
import { isBlank, isEmpty, objectOf } from '@sluice/dialect-kit'

const SPELLING = Symbol('openai spelling')

/** Unknown fields, and how known ones were spelled. */
export type Kept = JsonObject & { [SPELLING]?: JsonObject }

/** A canonical object that may have extensions. */
export interface Holder {
  extensions?: Extensions
}

/** How one dialect finds what it kept. */
export interface Keeper {
  /** `kept` as a canonical object's `extensions`, to be spread into it; nothing if nothing was kept. */
  extensions(this: void, kept: Kept): Holder
  /** What the dialect kept beside a canonical object; undefined if the object came from elsewhere or had nothing to keep. */
  keptIn(this: void, holder: Holder): Kept | undefined
}

export function keeperOf(dialect: DialectName): Keeper {
  return {
    extensions: (kept) => (isNothing(kept) ? {} : { extensions: { [dialect]: kept } }),
    keptIn: (holder) => holder.extensions?.[dialect],
  }
}

const NOTHING: JsonObject = Object.freeze({})

/** A set of field names, given as words with spaces between them. */
export function fields(...names: string[]): ReadonlySet<string> {
  return new Set(names.join(' ').split(' '))
}

/**
 * Keeps of `wire` what is not in `known`, and which known fields were blank.
 * @param spelling further spellings to remember; keys are field names, values are never blank
 */
export function keep(wire: JsonObject, known: ReadonlySet<string>, spelling: JsonObject = {}): Kept {
  // Not by assignment: a client may name a field `__proto__`.
  const kept: Kept = Object.fromEntries(Object.entries(wire).filter(([field]) => !known.has(field)))
  for (const field of known) if (isBlank(wire[field])) spelling[field] ??= wire[field]
  if (!isEmpty(spelling)) kept[SPELLING] = spelling
  return kept
}

/** The same for a wire object whose own fields stand in an inner one, e.g. `{ type: 'function', function: {…} }`. */
export function keepWithin(
  wire: JsonObject,
  field: string,
  known: { outer: ReadonlySet<string>; inner: ReadonlySet<string> },
  spelling: { outer?: JsonObject; inner?: JsonObject } = {},
): Kept {
  const kept = keep(wire, known.outer, spelling.outer)
  const inner = keep(objectOf(wire[field]) ?? {}, known.inner, spelling.inner)
  if (!isNothing(inner)) kept[field] = inner
  return kept
}

/** How the known fields were spelled. */
export function spellingOf(kept: Kept | undefined): JsonObject {
  return kept?.[SPELLING] ?? NOTHING
}

/** A new wire object that holds what was kept: unknown fields, and known ones that were blank. */
export function restore(kept: Kept | undefined): JsonObject {
  if (kept === undefined) return {}
  const { [SPELLING]: spelling = NOTHING, ...wire } = kept
  for (const field in spelling) if (isBlank(spelling[field])) wire[field] = spelling[field]
  return wire
}

/** The same with an inner object, to be filled by the caller, that stands in `wire[field]`. */
export function restoreWithin(kept: Kept | undefined, field: string): { wire: JsonObject; inner: JsonObject } {
  const wire = restore(kept)
  const inner = restore(innerOf(kept, field))
  wire[field] = inner
  return { wire, inner }
}

/** What `keepWithin` kept of the inner object. */
export function innerOf(kept: Kept | undefined, field: string): Kept | undefined {
  return objectOf(kept?.[field])
}

/** Whether there was nothing to keep. */
export function isNothing(kept: Kept): boolean {
  return isEmpty(kept) && kept[SPELLING] === undefined
}
