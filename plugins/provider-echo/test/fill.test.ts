import type { JsonObject } from '@sluice/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fill } from '../src/fill.ts'

const node = {
  type: 'object',
  properties: { value: { type: 'integer' }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
  required: ['value', 'next'],
}
const endless = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] }
const object = (properties: JsonObject): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
})

describe('the smallest value that fits', () => {
  const cases: { schema: JsonObject; value: unknown }[] = [
    { schema: {}, value: 'text' },
    { schema: { type: 'string' }, value: 'text' },
    { schema: { type: 'string', minLength: 6 }, value: 'textte' },
    { schema: { type: 'string', maxLength: 2 }, value: 'te' },
    { schema: { type: 'string', format: 'date' }, value: '2025-01-01' },
    { schema: { type: 'string', format: 'constructor' }, value: 'text' },
    { schema: { type: 'number' }, value: 1 },
    { schema: { type: 'integer', minimum: 1.5 }, value: 2 },
    { schema: { type: 'integer', exclusiveMinimum: 3 }, value: 4 },
    { schema: { type: 'integer', maximum: -1 }, value: -1 },
    { schema: { type: 'integer', exclusiveMaximum: 1 }, value: 0 },
    { schema: { type: 'integer', multipleOf: 5, minimum: 11 }, value: 15 },
    { schema: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, value: 0.5 },
    { schema: { type: 'boolean' }, value: true },
    { schema: { type: 'null' }, value: null },
    { schema: { type: ['null', 'boolean'] }, value: true },
    { schema: { const: { a: 1 } }, value: { a: 1 } },
    { schema: { enum: ['celsius', 'kelvin'] }, value: 'celsius' },
    { schema: { type: 'integer', default: 30 }, value: 30 },
    { schema: { type: 'array', items: { type: 'number' } }, value: [] },
    { schema: { items: { type: 'number' }, minItems: 2 }, value: [1, 1] },
    { schema: { prefixItems: [{ type: 'null' }], items: { type: 'number' }, minItems: 2 }, value: [null, 1] },
    { schema: { properties: { a: {}, b: {} }, required: ['b'] }, value: { b: 'text' } },
    { schema: { required: ['b'], additionalProperties: { type: 'number' } }, value: { b: 1 } },
    { schema: object({ inner: object({ flag: { type: 'boolean' } }) }), value: { inner: { flag: true } } },
    { schema: { items: { $ref: '#/$defs/a~1b' }, minItems: 1, $defs: { 'a/b': { const: 0 } } }, value: [0] },
    { schema: object({ at: { $ref: '#/$defs/nowhere' } }), value: { at: 'text' } },
    { schema: { $ref: '#/$defs/size', $defs: { size: { type: 'integer' } } }, value: 1 },
    { schema: { oneOf: [{ type: 'integer' }, { type: 'string' }] }, value: 1 },
    { schema: { allOf: [object({ a: { const: 1 } }), object({ b: { const: 2 } })] }, value: { a: 1, b: 2 } },
    { schema: { $ref: '#/$defs/node', $defs: { node } }, value: { value: 1, next: null } },
  ]
  test.each(cases)('$schema → $value', ({ schema, value }) => {
    expect(fill(schema)).toEqual(value)
  })
})

/** Schemas as people write them for tools; every one can be met. */
const schemas = fc.letrec<{ schema: JsonObject; scalar: JsonObject }>((tie) => ({
  scalar: fc.oneof(
    fc.record({ type: fc.constant('string'), minLength: fc.nat(20) }),
    fc.record({ type: fc.constant('string'), maxLength: fc.nat(20) }),
    fc.record({ type: fc.constant('integer'), minimum: fc.integer({ min: -50, max: 50 }) }),
    fc.record({ type: fc.constant('integer'), exclusiveMaximum: fc.integer({ min: -50, max: 50 }) }),
    fc.record({ type: fc.constant('integer'), multipleOf: fc.integer({ min: 1, max: 9 }), minimum: fc.integer() }),
    fc.integer().map((low) => ({ type: 'number', exclusiveMinimum: low, maximum: low + 0.5 })),
    fc.record({ enum: fc.array(fc.jsonValue(), { minLength: 1, maxLength: 3 }) }),
    fc.record({ const: fc.jsonValue() }),
    fc.constantFrom<JsonObject>({}, { type: 'boolean' }, { type: ['string', 'null'] }),
  ),
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie('scalar'),
    fc.dictionary(fc.string(), tie('schema'), { maxKeys: 4 }).map(object),
    fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.nat(3) }),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => ({ allOf: [object({ a }), object({ b })] })),
  ),
})).schema

test('the value is valid, whatever the schema', () => {
  const ajv = new Ajv2020({ strict: false })
  fc.assert(
    fc.property(schemas, (schema) => {
      expect(ajv.validate(schema, fill(schema))).toBe(true)
    }),
  )
})

describe('a schema from the network cannot make it work without end', () => {
  const deep = (depth: number): JsonObject => {
    let schema: JsonObject = {}
    for (let i = 0; i < depth; i++) schema = { items: schema }
    return schema
  }
  const size = (value: unknown): number => JSON.stringify(value).length

  test.each<[string, JsonObject]>([
    ['a circle', endless],
    ['circles within circles', { type: 'object', required: ['a', 'b', 'c'], additionalProperties: { $ref: '#' } }],
    ['a reference to itself', { $ref: '#' }],
    ['a reference to nothing', { $ref: '#/$defs/none' }],
    ['a reference to the inside of objects', { $ref: '#/constructor/prototype' }],
    ['a reference that is no text', { $ref: 5 }],
    ['long lists of long lists', { minItems: 1e9, items: { minItems: 1e9, items: {} } }],
    ['a long text', { type: 'string', minLength: 1e9 }],
    ['what no schema says', { type: 7, required: 'all', properties: [], anyOf: {}, minItems: 'many' }],
  ])('%s', (_, schema) => {
    expect(size(fill(schema))).toBeLessThan(20_000)
  })

  test('a chain of references ends in null', () => {
    const value = JSON.stringify(fill(endless))
    expect(value).toMatch(/^(\{"next":){2,20}null\}+$/)
  })

  test.each<[string, JsonObject]>([
    ['large', { description: 'x'.repeat(70_000) }],
    ['deep', deep(100_000)],
  ])('what is too %s is refused', (_, schema) => {
    expect(() => fill(schema)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })

  test('whatever JSON it is', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (schema) => void fill(schema)))
  })
})
