/** The smallest value that fits a JSON Schema, the same one every time. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { listOf, objectOf } from '@sluice/dialect-kit'
import { numberFor, stringFor } from './scalars.ts'

/** Schemas come from the network: their size as JSON, the values made from one, and how deep those nest. */
const MAX_SCHEMA = 65_536
const MAX_VALUES = 500
const MAX_DEPTH = 16

/**
 * References are followed within `schema`; where it never ends, the value is null.
 * @throws GatewayError `invalid_request` if the schema is too large
 */
export function fill(schema: JsonObject): unknown {
  if (sizeOf(schema) > MAX_SCHEMA) {
    throw invalidRequest(`A schema is larger than the ${MAX_SCHEMA} characters that this model reads.`)
  }
  return new Filler(schema).value(schema, 0, ['#'])
}

class Filler {
  readonly #root: JsonObject
  #values = 0

  constructor(root: JsonObject) {
    this.#root = root
  }

  /** @param refs the references that lead here */
  value(given: unknown, depth: number, refs: readonly string[]): unknown {
    if (++this.#values > MAX_VALUES || depth > MAX_DEPTH) return null
    const schema = objectOf(given) ?? {}
    if ('const' in schema) return schema['const']
    if ('default' in schema) return schema['default']
    if (Array.isArray(schema['enum'])) return schema['enum'][0] ?? null

    const { $ref: _, allOf, anyOf, oneOf, ...base } = schema
    const parts = [
      ...refOf(schema).map(($ref) => ({ $ref })),
      ...listOf(allOf),
      ...choice(anyOf, refs),
      ...choice(oneOf, refs),
    ]
    if (parts.length > 0) {
      const whole = parts.map((part) => this.#resolved(part)).reduce(merged, base)
      return this.value(whole, depth + 1, [...refs, ...parts.flatMap(refOf)])
    }
    return this.#plain(base, depth, refs)
  }

  #plain(schema: JsonObject, depth: number, refs: readonly string[]): unknown {
    switch (typeOf(schema)) {
      case 'object':
        return this.#object(schema, depth, refs)
      case 'array':
        return this.#array(schema, depth, refs)
      case 'number':
      case 'integer':
        return numberFor(schema)
      case 'boolean':
        return true
      case 'null':
        return null
      default:
        return stringFor(schema)
    }
  }

  #object(
    { required, properties, additionalProperties }: JsonObject,
    depth: number,
    refs: readonly string[],
  ): JsonObject {
    const known = objectOf(properties) ?? {}
    const names = listOf(required).filter((name) => typeof name === 'string')
    return Object.fromEntries(
      names.slice(0, MAX_VALUES).map((name) => {
        const schema = Object.hasOwn(known, name) ? known[name] : additionalProperties
        return [name, this.value(schema, depth + 1, refs)]
      }),
    )
  }

  #array({ minItems, prefixItems, items }: JsonObject, depth: number, refs: readonly string[]): unknown[] {
    const first = listOf(prefixItems)
    const length = Math.min(typeof minItems === 'number' ? Math.max(0, Math.ceil(minItems)) : 0, MAX_VALUES)
    return Array.from({ length }, (_, index) => this.value(first[index] ?? items, depth + 1, refs))
  }

  #resolved(schema: unknown): JsonObject {
    const [ref] = refOf(schema)
    if (ref === undefined) return objectOf(schema) ?? {}
    const steps = ref
      .replace(/^#\/?/, '')
      .split('/')
      .filter((step) => step !== '')
    const names = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    return (
      objectOf(names.reduce<unknown>((at, name) => objectOf(at)?.[name] ?? listOf(at)[Number(name)], this.#root)) ?? {}
    )
  }
}

/** The first branch that does not lead in a circle. */
function choice(branches: unknown, refs: readonly string[]): unknown[] {
  const list = listOf(branches)
  const open = list.find((branch) => !refOf(branch).some((ref) => refs.includes(ref)))
  return list.length === 0 ? [] : [open ?? list[0]]
}

function merged(a: JsonObject, b: JsonObject): JsonObject {
  const properties = { ...objectOf(a['properties']), ...objectOf(b['properties']) }
  const required = [...new Set([...listOf(a['required']), ...listOf(b['required'])])]
  return {
    ...a,
    ...b,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  }
}

function typeOf({ type, properties, required, items, prefixItems }: JsonObject): unknown {
  if (Array.isArray(type)) return type.find((name) => name !== 'null') ?? 'null'
  if (type !== undefined) return type
  if (properties !== undefined || required !== undefined) return 'object'
  return items !== undefined || prefixItems !== undefined ? 'array' : 'string'
}

/** In characters of JSON; of what nests too deeply to be written, infinite. */
function sizeOf(schema: JsonObject): number {
  try {
    return JSON.stringify(schema).length
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function refOf(schema: unknown): string[] {
  const ref = objectOf(schema)?.['$ref']
  return typeof ref === 'string' ? [ref] : []
}
