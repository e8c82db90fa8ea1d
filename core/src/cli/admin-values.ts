/** Values of flags, and the body that they make up. */
import { readFileSync } from 'node:fs'
import { describe } from '../errors.ts'
import type { JsonObject } from '../model.ts'
import type { Schema } from './admin-commands.ts'
import { UsageError } from './usage-error.ts'

/** Fields inside others stand behind dots. */
export const pathOf = (name: string): string[] => name.split('.')

/** Sets a field. Lists that are given again grow. */
export function put(body: JsonObject, path: readonly string[], value: unknown): void {
  const [field = '', ...inner] = path
  const old = Object.hasOwn(body, field) ? body[field] : undefined
  if (inner.length > 0) {
    const object = isObject(old) ? old : {}
    put(object, inner, value)
    define(body, field, object)
  } else
    define(
      body,
      field,
      Array.isArray(old) && Array.isArray(value) ? [...(old as unknown[]), ...(value as unknown[])] : value,
    )
}

/** Also for `__proto__`, which the gateway refuses. */
function define(body: JsonObject, field: string, value: unknown): void {
  Object.defineProperty(body, field, { value, enumerable: true, configurable: true, writable: true })
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON types that a schema lets pass; none if it says nothing. */
export function typesOf({ type, anyOf, oneOf, enum: words, const: only }: Schema): Set<string> {
  const values = only === undefined ? (words ?? []) : [only]
  const branches = [...(anyOf ?? []), ...(oneOf ?? [])]
  return new Set([
    ...[type ?? []].flat(),
    ...values.map((value) => typeof value),
    ...branches.flatMap((each) => [...typesOf(each)]),
  ])
}

/** What `text` says, as the schema would have it. @throws UsageError if it cannot */
export function typed(text: string, schema: Schema, flag: string): unknown {
  const types = typesOf(schema)
  const isJson = /^[[{]/.test(text)
  if (isJson && ((types.has('array') && text.startsWith('[')) || (types.has('object') && text.startsWith('{'))))
    return parse(text, flag)
  if (types.has('array'))
    return text === '' ? [] : text.split(',').map((each) => typed(each.trim(), schema.items ?? {}, flag))
  if ((types.has('number') || types.has('integer')) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  if (types.has('string') || types.size === 0) return text
  throw new UsageError(`${flag} takes ${[...types].join(' or ')}, not "${text}".`)
}

/** A JSON object, or `@file` with one. @throws UsageError */
export function readJson(text: string): JsonObject {
  const value = parse(text.startsWith('@') ? read(text.slice(1)) : text, '--json')
  if (!isObject(value)) throw new UsageError('--json takes a JSON object.')
  return value
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`--json: ${describe(error)}.`)
  }
}

function parse(text: string, flag: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${flag}: ${describe(error)}.`)
  }
}
