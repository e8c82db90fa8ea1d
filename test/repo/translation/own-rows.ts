/** What becomes of the fields that only the client's dialect has. */
import type { JsonObject } from '@sluice/core'
import { isObject } from '@sluice/dialect-kit'
import { CODECS } from '../../support/codecs.ts'
import { ask } from './features/build.ts'
import { outcomeOf } from './outcome.ts'
import type { RequestRow } from './outcome.ts'
import { OWN_FIELDS } from './own-fields.ts'
import type { Pair } from './sending.ts'

export function ownRows(pair: Pair): RequestRow[] {
  const base = CODECS[pair.client].encodeRequest(ask(), { model: 'model', drop: () => undefined })
  return OWN_FIELDS[pair.client].map(([name, patch, isDispensable = false]) => {
    const outcome = outcomeOf({ body: merged(base, patch), base }, pair, [])
    return { name, said: [fieldOf(patch, base)], outcome, isDispensable }
  })
}

/** The path of what `patch` adds. */
function fieldOf(patch: JsonObject, base: JsonObject): string {
  const [field = ''] = Object.keys(patch)
  const [inner, before] = [patch[field], base[field]]
  return isObject(inner) && isObject(before) ? `${field}.${fieldOf(inner, before)}` : field
}

/** `body` with the fields of `patch` in it, however deep. */
function merged(body: JsonObject, patch: JsonObject): JsonObject {
  const entries = Object.entries(patch).map(([field, value]) => {
    const before = body[field]
    return [field, isObject(before) && isObject(value) ? merged(before, value) : value]
  })
  return { ...body, ...(Object.fromEntries(entries) as JsonObject) }
}
