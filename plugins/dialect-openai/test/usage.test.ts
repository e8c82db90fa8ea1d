import type { JsonObject, Usage } from '@sluice/core'
import { fc, test as property } from './property.ts'
import { describe, expect, test } from 'vitest'
import { decodeUsage, encodeUsage } from '../src/chat/usage.ts'

describe('token counts of all vendors come to mean the same', () => {
  const cases: [vendor: string, raw: JsonObject, usage: Omit<Usage, 'raw'>][] = [
    [
      'OpenAI counts cache reads and thoughts within their totals',
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60, audio_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 7 },
      },
      { input: { total: 100, cacheRead: 60, cacheWrite: 0, audio: 5 }, output: { total: 50, reasoning: 20, audio: 7 } },
    ],
    [
      'xAI counts thoughts beside the completion',
      {
        prompt_tokens: 165,
        completion_tokens: 2,
        total_tokens: 292,
        prompt_tokens_details: { cached_tokens: 156 },
        completion_tokens_details: { reasoning_tokens: 125 },
      },
      { input: { total: 165, cacheRead: 156, cacheWrite: 0 }, output: { total: 127, reasoning: 125 } },
    ],
    [
      'DeepSeek names cache hits otherwise',
      {
        prompt_tokens: 900,
        completion_tokens: 2,
        total_tokens: 902,
        prompt_cache_hit_tokens: 896,
        prompt_cache_miss_tokens: 4,
      },
      { input: { total: 900, cacheRead: 896, cacheWrite: 0 }, output: { total: 2, reasoning: 0 } },
    ],
    [
      'OpenRouter counts cache writes and images, and more thoughts than output',
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 9, image_tokens: 2 },
      },
      { input: { total: 10, cacheRead: 4, cacheWrite: 3 }, output: { total: 5, reasoning: 5, image: 2 } },
    ],
    [
      'nonsense counts nothing',
      {
        prompt_tokens: 5,
        completion_tokens: -1,
        prompt_tokens_details: null,
        completion_tokens_details: { reasoning_tokens: 'many' },
      },
      { input: { total: 5, cacheRead: 0, cacheWrite: 0 }, output: { total: 0, reasoning: 0 } },
    ],
  ]
  test.each(cases)('%s', (_, raw, usage) => {
    expect(decodeUsage(raw)).toEqual({ ...usage, raw })
    expect(encodeUsage({ ...usage, raw })).toBe(raw)
  })

  test('an object without counts is no usage', () => {
    expect(decodeUsage({})).toBeUndefined()
    expect(decodeUsage({ type: 'duration', seconds: 3 })).toBeUndefined()
  })
})

test("another dialect's usage is written in OpenAI's form", () => {
  const usage: Usage = {
    input: { total: 100, cacheRead: 60, cacheWrite: 10 },
    output: { total: 50, reasoning: 20 },
    raw: { input_tokens: 30 },
  }
  expect(encodeUsage(usage)).toEqual({
    prompt_tokens: 100,
    completion_tokens: 50,
    total_tokens: 150,
    prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 0 },
  })
})

const count = fc.oneof(fc.nat(), fc.constant(undefined), fc.constant(null), fc.double())
property(
  'a part is never more than its whole, whatever a vendor reports',
  fc.record({
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count,
    prompt_cache_hit_tokens: count,
    prompt_tokens_details: fc.record({ cached_tokens: count, cache_write_tokens: count }),
    completion_tokens_details: fc.record({ reasoning_tokens: count }),
  }),
  (raw) => {
    const usage = decodeUsage(raw)
    if (usage === undefined) return
    expect(usage.input.cacheRead + usage.input.cacheWrite).toBeLessThanOrEqual(usage.input.total)
    expect(usage.output.reasoning).toBeLessThanOrEqual(usage.output.total)
  },
)
