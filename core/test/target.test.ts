import { expect, test } from 'vitest'
import { parseTarget } from '../src/config.ts'

test.each([
  ['openai/gpt', { provider: 'openai', model: 'gpt' }],
  ['openrouter/openai/gpt', { provider: 'openrouter', model: 'openai/gpt' }],
  ['openai/', { provider: 'openai', model: '' }],
  ['/gpt', { provider: '', model: 'gpt' }],
  ['gpt', { provider: '', model: 'gpt' }],
  ['', { provider: '', model: '' }],
])('%j is split at its first slash', (text, target) => {
  expect(parseTarget(text)).toEqual(target)
})
