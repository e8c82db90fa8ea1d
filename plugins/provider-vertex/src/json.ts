/** What is looked for in bodies that nobody has checked. The API takes their fields in two spellings. */
import type { JsonObject } from '@sluice/core'

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export type Content = JsonObject & { parts: unknown[] }

export function hasParts(content: unknown): content is Content {
  return isObject(content) && Array.isArray(content['parts'])
}

export type Spellings = readonly [camelCase: string, snakeCase: string]

export function spellingsOf(field: string): Spellings {
  return [field, field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]
}

export function camelCased(field: string): string {
  return field.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

export function fieldOf(object: JsonObject, [camelCase, snakeCase]: Spellings): unknown {
  return object[camelCase] ?? object[snakeCase]
}

export function objectIn(object: unknown, spellings: Spellings): JsonObject | undefined {
  const value = isObject(object) ? fieldOf(object, spellings) : undefined
  return isObject(value) ? value : undefined
}
