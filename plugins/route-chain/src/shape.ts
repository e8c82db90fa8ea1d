/** What is known at boot of the values that paths lead to. */
import { didYouMean } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import type { Path } from './path.ts'

export type Shape =
  /** Nothing is known. */
  | { kind: 'any' }
  | { kind: 'scalar' }
  | { kind: 'list'; of: Shape }
  /** `open`: it may have other fields, too. `step`: it is the output of a step. */
  | { kind: 'object'; fields: ReadonlyMap<string, Shape>; open?: boolean; step?: boolean }

export const ANY: Shape = { kind: 'any' }
export const SCALAR: Shape = { kind: 'scalar' }

export function objectShape(fields: { readonly [name: string]: Shape | undefined }): Shape {
  const known = Object.entries(fields).filter((entry): entry is [string, Shape] => entry[1] !== undefined)
  return { kind: 'object', fields: new Map(known) }
}

/** The output of a step. @param json shape of `json`, if the step has a schema @param isList whether it runs for a list */
export function outputShape(json: Shape | undefined, isList: boolean): Shape {
  const one = objectShape({ text: SCALAR, json })
  if (!isList) return { ...one, step: true } as Shape
  const all = objectShape({ text: SCALAR, json: json && { kind: 'list', of: json }, items: { kind: 'list', of: one } })
  return { ...all, step: true } as Shape
}

/** @throws SyntaxError that says which name leads nowhere */
export function follow(from: Shape, path: Path): Shape {
  let shape = from
  for (const [index, name] of path.entries()) shape = next(shape, name, path.slice(0, index).join('.'))
  return shape
}

function next(shape: Shape, name: string, before: string): Shape {
  const where = before === '' ? '' : ` in ${before}`
  switch (shape.kind) {
    case 'any':
      return ANY
    case 'scalar':
      throw new SyntaxError(`unknown name "${name}"${where}, which has no fields`)
    case 'list':
      if (/^\d+$/.test(name)) return shape.of
      if (name === 'length') return SCALAR
      throw new SyntaxError(`unknown name "${name}"${where}, which is a list: take an item, as in 0, or its length`)
    case 'object': {
      const field = shape.fields.get(name) ?? (shape.open ? ANY : undefined)
      if (field) return field
      const names = [...shape.fields.keys()]
      const cure = shape.step && name === 'json' ? ' A step has "json" if it has a schema.' : didYouMean(name, names)
      throw new SyntaxError(`unknown name "${name}"${where}. Allowed: ${names.join(', ')}.${cure}`)
    }
  }
}

/** What composes or refers: no attempt is made to see through it. */
const OPAQUE = ['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'if', 'patternProperties', 'prefixItems']

/** Fields that a schema does not name are taken for mistakes, unless it lets others in explicitly. */
export function schemaShape(schema: unknown): Shape {
  if (typeof schema !== 'object' || schema === null || OPAQUE.some((keyword) => keyword in schema)) return ANY
  const { type, properties, additionalProperties, items } = schema as JsonObject
  const [name, ...others] = [type].flat().filter((each) => each !== 'null')
  if (others.length > 0) return ANY
  if (name === 'array') return { kind: 'list', of: schemaShape(items) }
  if (name === 'object' || (name === undefined && properties)) {
    if (typeof properties !== 'object' || properties === null) return ANY
    const fields = new Map(Object.entries(properties).map(([field, value]) => [field, schemaShape(value)]))
    return { kind: 'object', fields, open: Boolean(additionalProperties) }
  }
  return name === undefined ? ANY : SCALAR
}
