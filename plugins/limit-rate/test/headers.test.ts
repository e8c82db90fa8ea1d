import { expect, test } from 'vitest'
import { goDuration } from '../src/headers.ts'

test.each([
  [0, '0ms'],
  [6, '6ms'],
  [999, '999ms'],
  [1000, '1s'],
  [1500, '1.5s'],
  [59_999, '59.999s'],
  [60_000, '1m0s'],
  [1_396_298, '23m16.298s'],
  [3_600_000, '1h0m0s'],
  [86_400_000, '24h0m0s'],
])('%i ms is written %s', (ms, text) => {
  expect(goDuration(ms)).toBe(text)
})
