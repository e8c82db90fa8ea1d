import { describe, expect, test } from 'vitest'
import { openCatalogue } from '../src/catalogue.ts'

const catalogue = openCatalogue()
const now = Date.parse('2026-11-20T12:00:00Z')

describe('the bundled list', () => {
  test.each([
    ['openai', 'gpt-5.1', { input: 1_250_000_000, cacheRead: 125_000_000, output: 10_000_000_000 }],
    ['openai', 'gpt-5.1-2025-11-13', { input: 1_250_000_000 }],
    ['anthropic', 'claude-sonnet-4-5', { cacheWrite: 3_750_000_000, cacheWrite1h: 6_000_000_000 }],
    ['aws', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', { input: 3_300_000_000 }],
    ['perplexity', 'sonar-pro', { request: 14_000_000_000_000 }],
    ['groq', 'whisper-large-v3', { second: 30_833_333_333 }],
  ])('knows %s/%s', (vendor, model, rates) => {
    const listed = catalogue({ vendor }, model, now)
    expect(listed?.card.bands[0].rates).toMatchObject(rates)
    expect(listed?.card.source).toMatch(/^genai-prices \d+\.\d+\.\d+$/)
  })

  test('has tiers as bands', () => {
    const bands = catalogue({ vendor: 'google' }, 'gemini-2.5-pro', now)?.card.bands
    expect(bands).toMatchObject([
      { above: 0, rates: { input: 1_250_000_000, output: 10_000_000_000 } },
      { above: 200_000, rates: { input: 2_500_000_000, output: 15_000_000_000 } },
    ])
  })

  test('knows vendors by their address', () => {
    const listed = catalogue({ address: 'https://api.groq.com/openai/v1' }, 'llama-3.3-70b-versatile', now)
    expect(listed?.card.bands[0].rates.input).toBeGreaterThan(0)
  })

  test.each([
    [{ vendor: 'openai' }, 'no-such-model'],
    [{ vendor: 'no-such-vendor' }, 'gpt-5.1'],
    [{ address: 'http://127.0.0.1:8000/v1' }, 'gpt-5.1'],
    [{}, 'gpt-5.1'],
    [{ vendor: 'mistral' }, 'mistral-ocr-2512'],
  ])('knows nothing of %o %s', (seller, model) => {
    expect(catalogue(seller, model, now)).toBeUndefined()
  })

  test('a price that depends on the time of day holds for a minute', () => {
    const night = catalogue({ vendor: 'deepseek' }, 'deepseek-chat', Date.parse('2026-11-20T20:00:30Z'))
    const day = catalogue({ vendor: 'deepseek' }, 'deepseek-chat', now)
    expect(night?.card.bands[0].rates.input).toBeLessThan(day!.card.bands[0].rates.input!)
    expect(night?.until).toBe(Date.parse('2026-11-20T20:01:00Z'))
    expect(catalogue({ vendor: 'openai' }, 'gpt-5.1', now)?.until).toBe(Infinity)
  })
})
