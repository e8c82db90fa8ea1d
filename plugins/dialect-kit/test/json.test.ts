import { describe, expect, test } from 'vitest'
import {
  countOf,
  defined,
  itemObject,
  listOf,
  objectOf,
  optionalArray,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  parseUpstreamObject,
  requiredArray,
  requiredObject,
  requiredString,
  textOf,
  tryParse,
  unknownFields,
} from '../src/index.ts'

const VALUES: { readonly [kind: string]: unknown } = {
  text: 'a',
  number: 1,
  boolean: false,
  object: { a: 1 },
  array: [1],
}
type Reader = (body: { [key: string]: unknown }, key: string, at?: string) => unknown

describe('a field of a request', () => {
  const readers: [kind: string, optional: Reader, required?: Reader][] = [
    ['text', optionalString, requiredString],
    ['number', optionalNumber],
    ['boolean', optionalBoolean],
    ['object', optionalObject, requiredObject],
    ['array', optionalArray, requiredArray],
  ]
  test.each(readers)('that should be of the kind %s is taken, and nothing else is', (kind, optional, required) => {
    for (const [given, value] of Object.entries(VALUES)) {
      for (const reader of [optional, ...(required ? [required] : [])]) {
        if (given === kind) expect(reader({ field: value }, 'field')).toBe(value)
        else {
          const refusal = expect.objectContaining({ code: 'invalid_request', param: 'messages[2].field' })
          expect(() => reader({ field: value }, 'field', 'messages[2].')).toThrow(refusal)
        }
      }
    }
  })

  test.each(readers)('that is absent or null is nothing, if it may be: %s', (_kind, optional, required) => {
    for (const body of [{}, { field: null }, { field: undefined }]) {
      expect(optional(body, 'field')).toBeUndefined()
      if (required) expect(() => required(body, 'field')).toThrow(expect.objectContaining({ param: 'field' }))
    }
  })

  test('is named with what was found in its place', () => {
    expect(() => requiredString({ model: [] }, 'model')).toThrow('"model" must be a string, not an array.')
    expect(() => requiredString({ model: null }, 'model')).toThrow('"model" must be a string, not null.')
    expect(() => requiredString({}, 'model')).toThrow('"model" must be a string, not missing.')
    expect(() => itemObject('a', 'messages[0]')).toThrow('"messages[0]" must be an object, not string.')
    expect(itemObject(VALUES['object'], 'messages[0]')).toBe(VALUES['object'])
  })
})

describe('a field of an answer', () => {
  test('of a wrong type counts as absent', () => {
    for (const value of [...Object.values(VALUES), null, undefined]) {
      expect(textOf(value)).toBe(typeof value === 'string' ? value : undefined)
      expect(objectOf(value)).toBe(value === VALUES['object'] ? value : undefined)
      expect(listOf(value)).toEqual(value === VALUES['array'] ? value : [])
      expect(countOf(value)).toBe(value === 1 ? 1 : 0)
    }
  })

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('that counts tokens is 0 if it is %s', (value) => {
    expect(countOf(value)).toBe(0)
  })
})

describe('the JSON of an upstream', () => {
  test.each(['', '{', 'null', '[]', '"a"', '1', '<html>'])('is refused if it is no object: %j', (text) => {
    expect(() => parseUpstreamObject(text, 'an event')).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('is read if it is one', () => {
    expect(parseUpstreamObject(' {"a":1} ', 'an event')).toEqual({ a: 1 })
  })
})

test('text that may be anything is parsed if it is JSON', () => {
  expect([tryParse('[1]'), tryParse('null'), tryParse('{')]).toEqual([[1], null, undefined])
})

test('fields without a value are left out, others are not', () => {
  expect(Object.keys(defined({ a: undefined, b: null, c: 0, d: '' }))).toEqual(['b', 'c', 'd'])
})

describe('fields that are not known', () => {
  test('are kept under the dialect', () => {
    expect(unknownFields({ a: 1, b: null, c: undefined }, new Set(['a']), 'x')).toEqual({
      x: { b: null, c: undefined },
    })
    expect(unknownFields({ a: 1 }, new Set(['a']), 'x')).toBeUndefined()
  })

  test('are kept whatever they are called', () => {
    const body = JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":2}') as {
      [key: string]: unknown
    }
    const extensions = unknownFields(body, new Set(), 'x')
    expect(JSON.stringify(extensions)).toBe(`{"x":${JSON.stringify(body)}}`)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})
