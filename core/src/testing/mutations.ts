/** Breaks JSON in every place, one place at a time: what a decoder must survive. */
import type { JsonObject } from '../model.ts'
import { isObject } from './json.ts'

/** Stands in for a value of another type; undefined takes it away. */
const GARBAGE: readonly unknown[] = [undefined, null, true, -1, '', '\u0000x', [], [null], [[]], {}, { type: null }]

/** Items of a list that are broken; the others are like them. */
const ITEMS = 2

type Path = readonly (string | number)[]

export interface Mutation {
  /** Where it was broken, e.g. `choices.0.delta` */
  at: string
  value: JsonObject
}

/** Every object that differs from `value` in one value of the wrong type. Shares what is not broken with it. */
export function* mutations(value: JsonObject): Generator<Mutation> {
  for (const path of pathsIn(value)) {
    for (const garbage of GARBAGE) yield { at: path.join('.'), value: replaced(value, path, garbage) as JsonObject }
  }
}

/** Equal for objects with the same keys at the same places, so that one of them is enough to break. */
export function shapeOf(value: JsonObject): string {
  return Array.from(pathsIn(value), (path) => path.join('.')).join(' ')
}

function* pathsIn(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path
  if (Array.isArray(value))
    for (const [index, item] of value.slice(0, ITEMS).entries()) yield* pathsIn(item, [...path, index])
  else if (isObject(value)) for (const key in value) yield* pathsIn(value[key], [...path, key])
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value)) {
    const items = value.map((item, index) => (index === key ? replaced(item, rest, by) : item))
    return items.filter((item) => item !== undefined)
  }
  const { [key]: old, ...others } = value as JsonObject
  const next = replaced(old, rest, by)
  return next === undefined ? others : { ...others, [key]: next }
}
