import { expect, test } from 'vitest'
import { Recent } from '../src/recent.ts'

test('what was used lately is remembered, and no more than twice the size', () => {
  const recent = new Recent<number, number>(10)
  for (let index = 0; index < 1000; index++) {
    recent.set(index, index)
    recent.get(0)
  }
  const known = Array.from({ length: 1000 }, (_, index) => index).filter((index) => recent.get(index) !== undefined)
  expect(known).toContain(0)
  expect(known).toContain(999)
  expect(known.length).toBeLessThanOrEqual(20)
})

test('what is deleted is gone from both generations', () => {
  const recent = new Recent<string, number>(1)
  recent.set('a', 1)
  recent.set('b', 2)
  for (const key of ['a', 'b']) recent.delete(key)
  expect([recent.get('a'), recent.get('b')]).toEqual([undefined, undefined])
})
