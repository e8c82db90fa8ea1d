/** Arguments of a tool call, both directions: JSON text, however a vendor writes it. */
import type { JsonObject } from '@sluice/core'
import { isBlank, objectOf } from '@sluice/dialect-kit'

/**
 * Arguments as JSON text. Vendors write "no arguments" as nothing, `null`, `""` or the text `null`, and a
 * few send the object itself.
 */
export function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value.trim() === '' || value === 'null' ? '{}' : value
  return objectOf(value) === undefined ? '{}' : JSON.stringify(value)
}

/** To be kept as spelling, if it is another one than the JSON text; blank ones are kept anyway. */
export function argumentsSpelling(called: JsonObject): JsonObject {
  if (!('arguments' in called)) return { arguments: 'absent' }
  const was = called.arguments
  return isBlank(was) || was === argumentsOf(was) ? {} : { arguments: { was } }
}

/** Unchanged arguments go back as the sender wrote them; blank ones are restored already. */
export function writeArguments(text: string, called: JsonObject, spelling: unknown): void {
  const was = objectOf(spelling)?.was
  if (was !== undefined) called.arguments = argumentsOf(was) === text ? was : text
  else if (spelling === undefined || text !== '{}') called.arguments = text
}
