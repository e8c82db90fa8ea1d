/** How a dialect keeps what it says and the canonical model has no word for. */
import type { DialectName, Extensions, JsonObject } from '@sluice/core'

/** A canonical object that may have extensions. */
export type Extended = { extensions?: Extensions }
/** Makes extensions of what a dialect keeps. */
export interface Extend {
  (rest: JsonObject, spelling?: JsonObject): { extensions: Extensions }
  (rest: JsonObject | undefined, spelling?: JsonObject): Extended
}

/** Made by `keeper`, for one dialect. */
export interface Keeper {
  /** The fields of `body` that are not in `known`, and its nulls, for which the model has no word either. */
  leftovers: (body: JsonObject, known: ReadonlySet<string>) => JsonObject | undefined
  /**
   * `rest` as the extensions of a canonical object; no field at all if there is nothing to keep.
   * @param spelling which of several forms of one meaning was used. A form is not a parameter: other
   *   dialects do not find it, and so do not report it as dropped
   */
  extended: Extend
  /** What `extended` kept of spellings. */
  spellingOf: (object: Extended) => JsonObject
  /**
   * What this dialect kept on a canonical object. Requests, responses and stream starts that it decoded
   * should always have it, if only empty: that tells its own from those that came from another dialect.
   */
  kept: (object: Extended) => JsonObject | undefined
}

/** @param dialect the key in `extensions` */
export function keeper(dialect: DialectName): Keeper {
  const SPELLING = Symbol(`${dialect} spelling`)
  function extended(rest: JsonObject, spelling?: JsonObject): { extensions: Extensions }
  function extended(rest: JsonObject | undefined, spelling?: JsonObject): Extended
  function extended(rest: JsonObject | undefined, spelling?: JsonObject): Extended {
    if (spelling !== undefined) return { extensions: { [dialect]: { ...rest, [SPELLING]: spelling } } }
    return rest === undefined ? {} : { extensions: { [dialect]: rest } }
  }
  return {
    extended,
    leftovers(body, known) {
      const rest = Object.entries(body).filter(([key, value]) => value === null || !known.has(key))
      // Not by assignment: a client may well send a field called "__proto__".
      return rest.length > 0 ? Object.fromEntries(rest) : undefined
    },
    spellingOf(object) {
      const own: { [SPELLING]?: JsonObject } | undefined = object.extensions?.[dialect]
      return own?.[SPELLING] ?? {}
    },
    kept: (object) => object.extensions?.[dialect],
  }
}
