/** Values that fit a JSON Schema, and the places in it. */
import type { JsonObject } from '@sluice/core'

/** As far as descriptions of routes use it. */
export interface Schema {
  type?: string | string[]
  properties?: { [name: string]: Schema }
  required?: string[]
  items?: Schema
  additionalProperties?: boolean | Schema
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  examples?: unknown[]
  pattern?: string
  format?: string
  minimum?: number
  exclusiveMinimum?: number
  minLength?: number
  patternProperties?: { [pattern: string]: Schema }
  $ref?: string
}

/** Patterns of which nobody gives an example. */
const FITTING = ['abc', 'sample-1', '10/min', 'day', '30s', '2027-01-31T00:00:00Z']

/** A value that fits, with as little in it as may be. @throws Error if none can be thought of */
export function sampleOf(schema: Schema): unknown {
  const { enum: values, anyOf, examples, properties = {}, required = [], pattern } = schema
  if (schema.const !== undefined) return schema.const
  if (values) return values[0]
  if (anyOf) return sampleOf(anyOf[0]!)
  switch ([schema.type ?? 'object'].flat()[0]) {
    case 'string': {
      const fits = (text: unknown): boolean => pattern === undefined || new RegExp(pattern, 'u').test(String(text))
      const found = [...(examples ?? []), ...FITTING].find(fits)
      if (found === undefined) throw new Error(`no sample fits ${JSON.stringify(schema)}`)
      return found
    }
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1
    case 'boolean':
      return true
    case 'array':
      return schema.items ? [sampleOf(schema.items)] : []
    default:
      return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name]!)]))
  }
}

export type Place = readonly (string | number)[]

/** Every place below the schema where a value may stand: fields, elements of lists, values under a name of one's own. */
export function placesIn(schema: Schema, place: Place = []): Place[] {
  const { properties = {}, items, additionalProperties, anyOf = [] } = schema
  const below = Object.entries(properties).flatMap(([name, field]) => placesIn(field, [...place, name]))
  const element = items ? placesIn(items, [...place, 0]) : []
  const isOpen = typeof additionalProperties === 'object' || (schema.type === 'object' && !schema.properties)
  const named = isOpen ? [[...place, 'own']] : []
  return [
    ...(place.length > 0 ? [place] : []),
    ...below,
    ...element,
    ...named,
    ...anyOf.flatMap((each) => placesIn(each, place).slice(1)),
  ]
}

/** `body` with `value` in a place; what is missing on the way there is made as the schema says. */
export function withValue(schema: Schema, body: unknown, [first, ...rest]: Place, value: unknown): unknown {
  if (first === undefined) return value
  const inner = typeof first === 'number' ? schema.items : schema.properties?.[first]
  const base = body ?? sampleOf(schema)
  if (typeof first === 'number') return [withValue(inner ?? {}, (base as unknown[])[first], rest, value)]
  const present = Object.entries(base as JsonObject).filter(([name]) => name !== first)
  const at = inner === undefined && rest.length > 0 ? {} : inner
  const filled = withValue(at ?? {}, (base as JsonObject)[first], rest, value)
  // Not by assignment: a name may be `__proto__`.
  return Object.fromEntries([...present, [first, filled]])
}

export function valueAt(body: unknown, place: Place): unknown {
  return place.reduce<unknown>((at, name) => (at as { [name: string]: unknown } | undefined | null)?.[name], body)
}
