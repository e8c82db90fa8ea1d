import type { JsonObject } from '@sluice/core'
import { objectOf } from './json.ts'

/** Bytes from the field to the end of the body: a usage and what little follows it. */
const LONGEST = 4096

/**
 * A field of a JSON object that stands near its end and is an object itself, found without reading what is before
 * it; undefined if there is none, or if reading all is the only way to be sure. What is found deeper within the
 * object is not taken for it: the rest of the text would then close more than one brace.
 */
export function lastField(json: Buffer, name: string): JsonObject | undefined {
  const at = json.lastIndexOf(`"${name}":`)
  if (at < 0 || json.length - at > LONGEST) return undefined
  try {
    const rest = JSON.parse(`{${json.toString('utf8', at)}`) as JsonObject
    return objectOf(rest[name])
  } catch {
    return undefined
  }
}
