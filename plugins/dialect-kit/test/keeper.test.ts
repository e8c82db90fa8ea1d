import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keeper } from '../src/index.ts'

const { extended, kept, leftovers, spellingOf } = keeper('mine')

test('what is left over are the unknown fields, and the nulls', () => {
  const known = new Set(['a', 'b'])
  expect(leftovers({ a: 1, b: null, c: 2 }, known)).toEqual({ b: null, c: 2 })
  expect(leftovers({ a: 1 }, known)).toBeUndefined()
  const strange = JSON.parse('{"__proto__":{"x":1},"constructor":2}') as { [field: string]: unknown }
  expect(JSON.stringify(leftovers(strange, known))).toBe('{"__proto__":{"x":1},"constructor":2}')
})

test('what is kept is found again, and is another dialect’s not', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (rest) => {
      const object = extended(rest)
      expect(kept(object)).toEqual(rest)
      expect(keeper('other').kept(object)).toBeUndefined()
    }),
  )
  expect(extended(undefined)).toEqual({})
  expect(kept({})).toBeUndefined()
})

test('a spelling is found by nobody else', () => {
  const object = extended({ a: 1 }, { form: 'long' })
  expect(spellingOf(object)).toEqual({ form: 'long' })
  expect(Object.keys(kept(object)!)).toEqual(['a'])
  expect(JSON.stringify(object)).toBe('{"extensions":{"mine":{"a":1}}}')
  expect(keeper('mine').spellingOf(object)).toEqual({})
  expect(spellingOf(extended(undefined, {}))).toEqual({})
})
