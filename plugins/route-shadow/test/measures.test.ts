import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { similarity } from '../src/similarity.ts'

describe('similarity', () => {
  test.each([
    ['', '', 1],
    ['', 'a', 0],
    ['Paris', 'paris', 1],
    ['one  two\nthree', ' one two three ', 1],
    ['abc', 'xyz', 0],
    ['東京は日本の首都です', '東京は日本の首都です', 1],
  ])('of %j and %j is %f', (one, other, expected) => {
    expect(similarity(one, other)).toBe(expected)
  })

  test('is larger for what is more alike', () => {
    const text = 'The capital of France is Paris.'
    const near = similarity(text, 'The capital of France is Paris, of course.')
    const far = similarity(text, 'Paris is what the French call their capital.')
    const other = similarity(text, 'Bananas are rich in potassium.')
    expect(near).toBeGreaterThan(far)
    expect(far).toBeGreaterThan(other)
  })

  test('is from 0 to 1, the same both ways, and 1 of a text with itself', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 })
    fc.assert(
      fc.property(text, text, (one, other) => {
        const score = similarity(one, other)
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
        expect(similarity(other, one)).toBeCloseTo(score, 10)
        expect(similarity(one, one)).toBe(1)
      }),
    )
  })

  test('takes no longer for texts of megabytes', () => {
    const text = 'lorem ipsum '.repeat(500_000)
    const from = performance.now()
    expect(similarity(text, `${text}.`)).toBeCloseTo(1, 3)
    expect(performance.now() - from).toBeLessThan(1000)
  })
})
