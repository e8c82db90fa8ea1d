import { expect, test } from 'vitest'
import { globs } from '../src/when.ts'

test.each<[patterns: string[], text: string, fits: boolean]>([
  [['gpt-5'], 'gpt-5', true],
  [['gpt-5'], 'gpt-5-mini', false],
  [['gpt-*'], 'gpt-', true],
  [['gpt-*'], 'my-gpt-5', false],
  [['*-mini'], 'gpt-5-mini', true],
  [['*5*'], 'gpt-5-mini', true],
  [['a*a'], 'a', false],
  [['a*a'], 'aa', true],
  [['a*b*c'], 'acb', false],
  [['*'], 'openai/gpt.5\n', true],
  [['g.t'], 'gpt', false],
  [['x', 'gpt-*'], 'gpt-5', true],
  [['gpt-*'], 'gpt-*', true],
  [['gpt-5'], 'gpt-*', false],
  [[], '', false],
])('%j fits %j: %s', (patterns, text, fits) => {
  expect(globs(patterns)(text)).toBe(fits)
})

test('many stars cost no more than few', () => {
  const fits = globs([`${'*a'.repeat(50)}*b`])
  const startedAt = performance.now()
  expect(fits('a'.repeat(100_000))).toBe(false)
  expect(performance.now() - startedAt).toBeLessThan(500)
})
