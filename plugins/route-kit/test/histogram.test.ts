import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDuration, binOf, binsOf, endOfBin, mergeHistogram, quantileOf, sizeOf } from '../src/histogram.ts'
import type { Histogram } from '../src/histogram.ts'

const DAY = 86_400_000

function histogramOf(durations: readonly number[]): Histogram {
  const histogram: Histogram = {}
  for (const ms of durations) addDuration(histogram, ms)
  return histogram
}

const durations = (min: number) => fc.array(fc.double({ min, max: DAY, noNaN: true }), { maxLength: 200 })

describe('a histogram', () => {
  test('tells quantiles of durations from a millisecond to a day, off by 2.5 % at most', () => {
    fc.assert(
      fc.property(durations(1), fc.constantFrom(0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 1), (values, quantile) => {
        fc.pre(values.length > 0)
        const exact = values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(quantile * values.length)) - 1]!
        const told = quantileOf(histogramOf(values), quantile)!
        expect(Math.abs(told - exact) / exact).toBeLessThan(0.025)
      }),
    )
  })

  test('knows no quantile of nothing', () => {
    expect(quantileOf({}, 0.5)).toBeUndefined()
    expect(sizeOf({})).toBe(0)
  })

  test('takes whatever a clock may say, into 376 bins', () => {
    const histogram = histogramOf([0, -5, 0.2, 1, 1e12, Number.MAX_VALUE, Infinity])
    expect(binsOf(histogram)).toEqual([
      [0, 4],
      [375, 3],
    ])
    expect(sizeOf(histogram)).toBe(7)
    expect(binOf(DAY)).toBe(375)
  })

  test('has each duration between the ends of its bin and of the one before', () => {
    fc.assert(
      fc.property(fc.double({ min: 1.001, max: DAY, noNaN: true }), (ms) => {
        const bin = binOf(ms)
        expect(ms).toBeLessThanOrEqual(endOfBin(bin) * (1 + 1e-12))
        expect(ms).toBeGreaterThan(endOfBin(bin - 1) * (1 - 1e-12))
      }),
    )
  })

  test('is the same however many share the counting, and however it is stored; its bins are in their order', () => {
    fc.assert(
      fc.property(fc.array(durations(0), { maxLength: 5 }), (parts) => {
        const merged: Histogram = {}
        for (const part of parts) mergeHistogram(merged, JSON.parse(JSON.stringify(histogramOf(part))) as Histogram)
        expect(merged).toEqual(histogramOf(parts.flat()))
        expect(sizeOf(merged)).toBe(parts.flat().length)
        expect(binsOf(merged)).toEqual(binsOf(merged).toSorted(([a], [b]) => a - b))
      }),
      { numRuns: 50 },
    )
  })
})
