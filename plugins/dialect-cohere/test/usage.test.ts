import type { JsonObject } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { decodeUsage, encodeUsage } from '../src/chat/usage.ts'

describe('usage', () => {
  test.each<[string, JsonObject, object]>([
    [
      'what is billed',
      {
        billed_units: { input_tokens: 80, output_tokens: 301 },
        tokens: { input_tokens: 1494, output_tokens: 330, reasoning_tokens: 200 },
        cached_tokens: 1008,
      },
      { input: { total: 80, cacheRead: 0, cacheWrite: 0 }, output: { total: 301, reasoning: 200 } },
    ],
    [
      'what must have come from the cache',
      {
        billed_units: { input_tokens: 900, output_tokens: 1 },
        tokens: { input_tokens: 1000, output_tokens: 1 },
        cached_tokens: 600,
      },
      { input: { total: 900, cacheRead: 500, cacheWrite: 0 } },
    ],
    [
      'no more thoughts than output',
      { billed_units: { input_tokens: 1, output_tokens: 2 }, tokens: { reasoning_tokens: 9 } },
      { output: { total: 2, reasoning: 2 } },
    ],
    [
      'pictures',
      {
        billed_units: { input_tokens: 265, output_tokens: 1 },
        tokens: { input_tokens: 502, image_tokens: 259 },
        cached_tokens: 480,
      },
      { input: { total: 265, image: 259, cacheRead: 0 } },
    ],
    [
      'tokens, where nothing is billed',
      { tokens: { input_tokens: 10, output_tokens: 4, image_tokens: 2 }, cached_tokens: 6 },
      { input: { total: 12, cacheRead: 6, image: 2 }, output: { total: 4 } },
    ],
  ])('counts %s', (_, usage, expected) => {
    expect(decodeUsage(usage)).toMatchObject({ ...expected, raw: usage })
  })

  test.each([{}, { tokens: {}, billed_units: null }, { cached_tokens: 3 }])(
    'that counts nothing is none: %j',
    (usage) => {
      expect(decodeUsage(usage)).toBeUndefined()
    },
  )

  test('of another dialect counts all tokens as billed', () => {
    const usage = {
      input: { total: 20, cacheRead: 5, cacheWrite: 0 },
      output: { total: 9, reasoning: 4 },
      raw: { prompt_tokens: 20 },
    }
    expect(encodeUsage(usage)).toEqual({
      billed_units: { input_tokens: 20, output_tokens: 9 },
      tokens: { input_tokens: 20, output_tokens: 9, reasoning_tokens: 4 },
      cached_tokens: 5,
    })
  })

  test('of Cohere goes out as it came', () => {
    const raw = { tokens: { input_tokens: 10, output_tokens: 4 }, mood: 'good' }
    expect(encodeUsage(decodeUsage(raw)!)).toBe(raw)
  })
})
