import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokenKinds } from '../src/index.ts'

const none = { cacheRead: 0, cacheWrite: 0 }

describe('the kinds of tokens of a usage', () => {
  test('are disjoint, never negative, and together all of it, whatever a provider says', () => {
    const count = fc.oneof(fc.nat(5000), fc.constantFrom(0, -3, 1.5, Number.NaN, Infinity, 2 ** 60))
    const input = fc.record({ total: count, cacheRead: count, cacheWrite: count, audio: count, image: count })
    const output = fc.record({ total: count, reasoning: count, audio: count, image: count })
    fc.assert(
      fc.property(input, output, (asked, answered) => {
        const { clamped, ...kinds } = tokenKinds({ input: asked, output: answered })
        for (const tokens of Object.values(kinds)) expect(tokens).toBeGreaterThanOrEqual(0)
        const whole = (tokens: number): number => (tokens > 0 ? Math.min(Math.floor(tokens), 1e9) : 0)
        const { input: text, cacheRead, cacheWrite, audio, image, ...written } = kinds
        expect(text + cacheRead + cacheWrite + audio + image).toBe(whole(asked.total))
        expect(Object.values(written).reduce((sum, tokens) => sum + tokens, 0)).toBe(whole(answered.total))
        const parts = [asked.cacheRead, asked.cacheWrite, asked.audio, asked.image]
        const isSound = [...parts, ...Object.values(answered), asked.total].every(Number.isSafeInteger)
        if (isSound && parts.reduce((sum, part) => sum + part, 0) <= asked.total && Math.min(...parts) >= 0) {
          expect(kinds).toMatchObject({ cacheRead, cacheWrite, audio: asked.audio, image: asked.image })
        }
        if (!isSound) expect(clamped).toBe(true)
      }),
    )
  })

  test.each([
    ['more cached than asked', { total: 10, cacheRead: 20, cacheWrite: 0 }, { total: 1, reasoning: 0 }],
    ['more reasoning than output', { total: 10, ...none }, { total: 1, reasoning: 2 }],
    ['more sound than input', { total: 10, ...none, audio: 11 }, { total: 1, reasoning: 0 }],
    ['a negative count', { total: -1, ...none }, { total: 1, reasoning: 0 }],
  ])('are marked where the usage contradicts itself: %s', (_, input, output) => {
    expect(tokenKinds({ input, output }).clamped).toBe(true)
  })

  test('sound that a cache had is counted as cached', () => {
    const kinds = tokenKinds({
      input: { total: 100, cacheRead: 80, cacheWrite: 0, audio: 50 },
      output: { total: 0, reasoning: 0 },
    })
    expect(kinds).toMatchObject({ input: 0, cacheRead: 80, audio: 20, clamped: false })
  })
})
