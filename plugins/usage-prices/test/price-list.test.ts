import type { Gateway } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { Patterns } from '../src/patterns.ts'
import { PriceList } from '../src/price-list.ts'

const counts = { input: { total: 1_000_000, cacheRead: 0, cacheWrite: 0 }, output: { total: 0, reasoning: 0 } }
/** As much of a gateway as a price list looks at. */
const gatewayWith = (providers: object[], plugins: object[] = []): Gateway =>
  ({ inspect: () => ({ providers, plugins, models: [] }), models: () => [] }) as unknown as Gateway
const listOf = (
  options: ConstructorParameters<typeof PriceList>[0],
  providers: object[],
  plugins: object[] = [],
  now = Date.now,
): PriceList => {
  const list = new PriceList(options, now)
  list.learnFrom(gatewayWith(providers, plugins))
  return list
}

describe('whose price it is', () => {
  test.each([
    ['the vendor that the provider names', { vendor: 'openai', address: 'http://127.0.0.1' }],
    ['its address, where the vendor is custom', { vendor: 'custom', address: 'https://api.openai.com/v1' }],
    ['its address, where nothing else does', { address: 'https://api.openai.com/v1' }],
  ])('is told by %s', (_, provider) => {
    const list = listOf({}, [{ id: 'x', ...provider }])
    expect(list.quote({ provider: 'x', model: 'gpt-5.1' })?.cost(counts)?.nanoUsd).toBe(1_250_000_000)
  })

  test.each([
    ['xai', 'grok-4'],
    ['aws', 'anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['google', 'gemini-2.5-pro'],
    ['voyage', 'voyage-3'],
    ['azure', 'gpt-5.1'],
    ['openrouter', 'openai/gpt-5.1'],
  ])('is found for %s, whatever the list calls it', (vendor, model) => {
    expect(listOf({}, [{ id: 'x', vendor }]).quote({ provider: 'x', model })).toBeDefined()
  })

  test('is nobody knows whose for a server of the operator', () => {
    const list = listOf({}, [{ id: 'x', vendor: 'ollama', address: 'http://127.0.0.1:11434/v1' }])
    expect(list.quote({ provider: 'x', model: 'llama3' })).toBeUndefined()
  })
})

test('a price is looked up once, and again when the time of day may have changed it', () => {
  let time = Date.parse('2026-11-20T16:29:30Z')
  const list = listOf({}, [{ id: 'd', vendor: 'deepseek' }], [], () => time)
  const target = { provider: 'd', model: 'deepseek-chat' }
  const day = list.quote(target)
  time += 29_000
  expect(list.quote(target)).toBe(day)
  time += 2000
  const night = list.quote(target)
  expect(night!.cost(counts)!.nanoUsd).toBeLessThan(day!.cost(counts)!.nanoUsd)
})

test('so many targets may be asked for as clients like', () => {
  const list = listOf({ prices: { 'x/*': { input: 1 } } }, [{ id: 'x' }])
  const first = list.quote({ provider: 'x', model: 'first' })
  for (let index = 0; index < 10_000; index++) list.quote({ provider: 'x', model: String(index) })
  expect(list.quote({ provider: 'x', model: 'first' })).not.toBe(first)
  expect(list.quote({ provider: 'x', model: 'first' })?.cost(counts)?.nanoUsd).toBe(1_000_000_000)
})

test('tiers change some rates, for larger inputs, in whatever order they are given', () => {
  const tiers = [
    { above: 500_000, output: 4 },
    { above: 100_000, input: 2 },
  ]
  const quote = listOf({ prices: { 'x/m': { input: 1, output: 3, tiers } } }, [{ id: 'x' }]).quote({
    provider: 'x',
    model: 'm',
  })!
  const cost = (input: number): number =>
    quote.cost({ input: { ...counts.input, total: input }, output: { total: 1000, reasoning: 0 } })!.nanoUsd
  expect(cost(100_000)).toBe(100_000_000 + 3_000_000)
  expect(cost(100_001)).toBe(200_002_000 + 3_000_000)
  expect(cost(500_001)).toBe(1_000_002_000 + 4_000_000)
})

test('patterns: the name itself, else the first that fits, and nothing in a pattern is special but the star', () => {
  const patterns = new Patterns({ 'a/*': 1, 'a/b*c': 2, 'a/b': 3, 'x.y/*': 4, '*/z': 5 })
  const found = ['a/b', 'a/bxc', 'x.y/m', 'xxy/m', 'q/z', 'q/zz'].map((name) => patterns.find(name))
  expect(found).toEqual([3, 1, 4, undefined, 5, undefined])
})
