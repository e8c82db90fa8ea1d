import { invalidRequest } from '@sluice/core'
import type { JsonObject } from '@sluice/core'

/**
 * The API takes every field of a request in camelCase and in snake_case. The same object with `known`
 * fields in camelCase.
 * @param at path of `wire` with its dot, or ''
 * @throws GatewayError `invalid_request` if a field stands there in both: readers differ in which one counts
 */
export function camelCased(wire: JsonObject, known: ReadonlySet<string>, at: string): JsonObject {
  let cased = wire
  for (const key in wire) {
    if (!key.includes('_')) continue
    const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    if (!known.has(name)) continue
    if (name in wire) throw invalidRequest(`"${at}${key}" and "${at}${name}" are one field.`, at + key)
    if (cased === wire) cased = { ...wire }
    cased[name] = wire[key]
    delete cased[key]
  }
  return cased
}
