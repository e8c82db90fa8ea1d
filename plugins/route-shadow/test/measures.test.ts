import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binOf, percentile } from '../src/bins.ts'
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

describe('percentiles', () => {
  test('are off by less than 3 %', () => {
    const durations = fc.array(fc.integer({ min: 2, max: 3_000_000 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(durations, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (values, part) => {
        const bins = new Map<number, number>()
        for (const value of values) bins.set(binOf(value), (bins.get(binOf(value)) ?? 0) + 1)
        const exact = values.sort((a, b) => a - b)[Math.max(1, Math.ceil(part * values.length)) - 1]!
        const told = percentile(bins, part)!
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * 0.03 + 1)
      }),
    )
  })

  test('are unknown of nothing', () => {
    expect(percentile(new Map(), 0.5)).toBeNull()
  })

  test('need no more than 311 bins', () => {
    expect(binOf(0)).toBe(0)
    expect(binOf(Number.MAX_VALUE)).toBe(310)
    expect(binOf(Infinity)).toBe(310)
  })
})
