/** What Converse says and the canonical model has no word for, and how it is kept. */
import type { JsonObject } from '@sluice/core'
import { defined, isObject, keeper } from '@sluice/dialect-kit'

/** The dialect's name, and the key of what it keeps in `extensions`. */
export const NAME = 'bedrock'

/** Whose proofs of thought Bedrock's are: Claude's, which are the same on all its hosts. */
export const FAMILY = 'anthropic'

export const { extended, kept, leftovers, spellingOf } = keeper(NAME)

/**
 * An object within a body: what was kept of it, and `fields`.
 * @returns undefined if that is nothing, unless the client had such an object
 */
export function nested(rest: unknown, fields: JsonObject, wasThere: unknown): JsonObject | undefined {
  const object = { ...(isObject(rest) && rest), ...defined<JsonObject>(fields) }
  return wasThere === true || Object.keys(object).length > 0 ? object : undefined
}
