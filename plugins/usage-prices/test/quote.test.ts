import type { JsonObject, Usage } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { RateQuote } from '../src/quote.ts'
import type { Card } from '../src/quote.ts'
import { rateOf } from '../src/rates.ts'
import type { Kind } from '../src/rates.ts'

const card = (dollars: { [K in Kind]?: number }): Card => {
  const rates = Object.entries(dollars).map(([kind, amount]) => [kind, rateOf(amount, 1e6)])
  return { source: 'test', bands: [{ above: 0, rates: Object.fromEntries(rates) }] }
}
const usage = (input: Partial<Usage['input']>, output: Partial<Usage['output']> = {}, raw?: JsonObject): Usage => ({
  input: { total: 0, cacheRead: 0, cacheWrite: 0, ...input },
  output: { total: 0, reasoning: 0, ...output },
  ...(raw && { raw }),
})
const full = card({
  input: 3,
  cacheRead: 0.3,
  cacheWrite: 3.75,
  cacheWrite1h: 6,
  audio: 40,
  image: 5,
  output: 15,
  reasoning: 20,
  outputAudio: 80,
  outputImage: 30,
})

describe('what usage costs', () => {
  test.each<[string, Usage, number]>([
    ['text', usage({ total: 1000 }, { total: 100 }), 3_000_000 + 1_500_000],
    ['a cache', usage({ total: 1000, cacheRead: 600, cacheWrite: 300 }), 300_000 + 180_000 + 1_125_000],
    [
      "an hour's cache",
      usage({ total: 300, cacheWrite: 300 }, {}, { cache_creation: { ephemeral_1h_input_tokens: 100 } }),
      200 * 3750 + 100 * 6000,
    ],
    ['sound and images', usage({ total: 100, audio: 30, image: 20 }), 50 * 3000 + 30 * 40_000 + 20 * 5000],
    [
      'reasoning, sound and images in the output',
      usage({}, { total: 100, reasoning: 40, audio: 30, image: 20 }),
      10 * 15_000 + 40 * 20_000 + 30 * 80_000 + 20 * 30_000,
    ],
  ])('%s', (_, used, nanoUsd) => {
    expect(new RateQuote(full, 1).cost(used)).toMatchObject({ nanoUsd, source: 'test' })
  })

  test('a factor is on all of it', () => {
    expect(new RateQuote(full, 0.5).cost(usage({ total: 1000 }, { total: 100 }))?.nanoUsd).toBe(2_250_000)
  })

  test('the price of large inputs is that of the tier they are above of', () => {
    const tiered: Card = {
      source: 'test',
      bands: [
        { above: 0, rates: { input: 3_000_000_000, output: 15_000_000_000 } },
        { above: 200_000, rates: { input: 6_000_000_000, output: 22_500_000_000 } },
      ],
    }
    const quote = new RateQuote(tiered, 1)
    expect(quote.cost(usage({ total: 200_000 }, { total: 10 }))?.nanoUsd).toBe(200_000 * 3000 + 150_000)
    expect(quote.cost(usage({ total: 200_001 }, { total: 10 }))?.nanoUsd).toBe(200_001 * 6000 + 225_000)
  })

  test.each<[string, Usage]>([
    ["Anthropic's searches in the web", usage({ total: 5 }, {}, { server_tool_use: { web_search_requests: 1 } })],
    ["Cohere's searches among documents", usage({}, {}, { billed_units: { search_units: 1 } })],
    ["OpenRouter's searches among documents", usage({}, {}, { search_units: 1 })],
    ['seconds of sound', usage({}, {}, { seconds: 3 })],
    ["Mistral's seconds of sound", usage({ total: 5 }, {}, { prompt_audio_seconds: 3 })],
    ['something else', usage({}, {}, { pages_processed: 2 })],
  ])('is unknown, not nothing, where it is counted in %s and only tokens have a price', (_, used) => {
    expect(new RateQuote(full, 1).cost(used)).toBeNull()
  })

  test('searches, seconds and requests have prices of their own', () => {
    const quote = new RateQuote(
      { source: 'test', bands: [{ above: 0, rates: { search: 2e12, second: 1e11, request: 5e12 } }] },
      1,
    )
    expect(quote.cost(usage({}, {}, { billed_units: { search_units: 3 } }))?.nanoUsd).toBe(3 * 2e6 + 5e6)
    expect(quote.cost(usage({}, {}, { seconds: 0.5 }))?.nanoUsd).toBe(50_000 + 5e6)
  })

  test('is cut down and marked where the usage contradicts itself', () => {
    const cost = new RateQuote(full, 1).cost(usage({ total: 10, cacheRead: 1000 }, { total: 1, reasoning: 50 }))
    expect(cost).toMatchObject({ nanoUsd: 10 * 300 + 20_000, clamped: true })
  })
})

describe('what tokens cost at most', () => {
  test('is no less than any usage of so many tokens', () => {
    const quote = new RateQuote(full, 1)
    expect(quote.most(1000, 100)).toBe(1000 * 40_000 + 100 * 80_000)
  })

  test('counts the dearest tier that the input can reach, and the request', () => {
    const quote = new RateQuote(
      {
        source: 'test',
        bands: [
          { above: 0, rates: { input: 1e9, output: 1e9, request: 7e6 } },
          { above: 100, rates: { input: 2e9, output: 3e9, request: 7e6 } },
        ],
      },
      1,
    )
    expect(quote.most(100, 10)).toBe(110_007)
    expect(quote.most(101, 10)).toBe(202_000 + 30_000 + 7)
  })
})
