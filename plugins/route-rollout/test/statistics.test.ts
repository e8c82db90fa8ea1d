import { addDuration } from '@sluice/route-kit'
import type { Histogram } from '@sluice/route-kit'
import { exponential, logNormal, seededRandom } from '@sluice/route-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRuledOut, shareAtLeast, shareAtMost } from '../src/bernoulli.ts'
import { addSample, mergeCounts, noCounts, scoresOf } from '../src/counts.ts'
import type { Counts, Sample } from '../src/counts.ts'
import { addValue, excessAtLeast, meanOf, noMoments, replaceValue } from '../src/moments.ts'
import { quantileBetween } from '../src/quantile-bounds.ts'

describe('a share', () => {
  test('lies between its bounds, which close in on it', () => {
    const widths = [10, 100, 1000, 10_000].map((trials) => {
      const [least, most] = [shareAtLeast(trials / 10, trials, 0.05), shareAtMost(trials / 10, trials, 0.05)]
      expect(least).toBeLessThan(0.1)
      expect(most).toBeGreaterThan(0.1)
      return most - least
    })
    expect(widths).toEqual(widths.toSorted((a, b) => b - a))
    expect(widths.at(-1)).toBeLessThan(0.03)
  })

  test('of which nothing is known may be anything', () => {
    expect([shareAtLeast(0, 0, 0.05), shareAtMost(0, 0, 0.05)]).toEqual([0, 1])
    expect(shareAtMost(0, 50, 0.05)).toBeLessThan(0.2)
    expect(shareAtLeast(50, 50, 0.05)).toBeGreaterThan(0.8)
  })

  test('is ruled out as the mixture itself says', () => {
    // B(k + 1/2, n - k + 1/2) / B(1/2, 1/2) over p^k (1 - p)^(n - k), for 3 of 4 and p = 1/2: (15/1024 * 8/3) / (1/16) = 0.625
    expect(isRuledOut(3, 4, 0.5, 0.626 ** -1)).toBe(false)
    expect(isRuledOut(3, 4, 0.5, 0.624 ** -1)).toBe(true)
  })

  test('has bounds that are the narrower, the more of a risk is taken', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, part) => {
        const successes = Math.round(part * trials)
        expect(shareAtLeast(successes, trials, 0.001)).toBeLessThanOrEqual(shareAtLeast(successes, trials, 0.1))
        expect(shareAtMost(successes, trials, 0.001)).toBeGreaterThanOrEqual(shareAtMost(successes, trials, 0.1))
        expect(shareAtLeast(successes, trials, 0.1)).toBeLessThanOrEqual(successes / trials)
      }),
      { numRuns: 50 },
    )
  })
})

describe('a quantile', () => {
  test('lies between its bounds, of any distribution, however often one asks', () => {
    const shapes = [logNormal(500, 1.5), exponential(500), (random: () => number) => (random() < 0.94 ? 1 : 60_000)]
    const truths = [500 * Math.exp(1.5 * 1.6449), -500 * Math.log(0.05), 60_000]
    let misses = 0
    for (const [shape, draw] of shapes.entries()) {
      for (let seed = 0; seed < 40; seed++) {
        const random = seededRandom(seed)
        const histogram: Histogram = {}
        let isMissed = false
        for (let n = 1; n <= 600 && !isMissed; n++) {
          addDuration(histogram, draw(random))
          if (n % 5 > 0) continue
          const [least, most] = quantileBetween(histogram, 0.95, 0.05)
          isMissed = truths[shape]! < least || truths[shape]! > most
        }
        if (isMissed) misses++
      }
    }
    expect(misses).toBeLessThanOrEqual(6)
  })

  test('of nothing may be anything', () => {
    expect(quantileBetween({}, 0.5, 0.05)).toEqual([0, Infinity])
  })
})

describe('means', () => {
  const momentsOf = (values: readonly number[]) => {
    const moments = noMoments()
    for (const value of values) addValue(moments, value)
    return moments
  }

  test('differ surely when there is enough of a difference, and not before', () => {
    const random = seededRandom(5)
    const draw = (mean: number, count: number) =>
      momentsOf(Array.from({ length: count }, () => mean * (0.5 + random())))
    expect(excessAtLeast(draw(20, 30), draw(10, 30), 1, 0.05)).toBeGreaterThan(0)
    expect(excessAtLeast(draw(10.5, 30), draw(10, 30), 1, 0.05)).toBeLessThan(0)
    expect(excessAtLeast(draw(10.5, 3000), draw(10, 3000), 1, 0.05)).toBeGreaterThan(0)
    expect(excessAtLeast(draw(10.5, 3000), draw(10, 3000), 1.2, 0.05)).toBeLessThan(0)
  })

  test('of nothing, or of one value, are never sure', () => {
    expect(excessAtLeast(momentsOf([100]), momentsOf([1]), 1, 0.05)).toBe(-Infinity)
    expect(excessAtLeast(noMoments(), noMoments(), 1, 0.05) > 0).toBe(false)
    expect(meanOf(noMoments())).toBeUndefined()
  })

  test('forget a value whose place another takes', () => {
    const moments = momentsOf([1, 2, 3])
    replaceValue(moments, 2, 8)
    expect(moments).toEqual(momentsOf([1, 8, 3]))
  })
})

describe('counts', () => {
  const sample = fc.record<Sample>({
    isError: fc.boolean(),
    latency: fc.integer({ min: 0, max: 100_000 }),
    ttft: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
    nanoUsd: fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
    inputTokens: fc.nat(1000),
    outputTokens: fc.nat(1000),
  })
  const countsOf = (samples: readonly Sample[]): Counts => {
    const counts = noCounts()
    for (const each of samples) addSample(counts, each)
    return counts
  }

  test('are the same however processes share the work, and however they are stored', () => {
    fc.assert(
      fc.property(fc.array(fc.array(sample, { maxLength: 20 }), { maxLength: 5 }), (processes) => {
        const merged = noCounts()
        for (const samples of processes) mergeCounts(merged, JSON.parse(JSON.stringify(countsOf(samples))) as Counts)
        expect(merged).toEqual(countsOf(processes.flat()))
      }),
      { numRuns: 50 },
    )
  })

  test('grow with no more names of scores than a few', () => {
    const counts = noCounts()
    for (let index = 0; index < 100; index++) {
      const scores = scoresOf(counts, `n${index}`)
      if (scores) addValue(scores, 1)
    }
    expect(Object.keys(counts.feedback)).toHaveLength(32)
    expect(scoresOf(counts, 'n5')).toEqual({ n: 1, sum: 1, squares: 1 })
    expect(scoresOf(counts, 'constructor')).toBeUndefined()
  })
})
