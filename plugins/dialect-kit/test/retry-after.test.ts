import { describe, expect, test } from 'vitest'
import { retryAfter, secondsUntil } from '../src/index.ts'

describe('how long to wait', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  test.each([
    [{ 'retry-after': '2' }, 2],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }, 9],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, undefined],
    [{ 'retry-after-ms': '1500', 'retry-after': '2' }, 1.5],
    [{ 'retry-after-ms': '0', 'retry-after': '1' }, 1],
    [{ 'retry-after-ms': ['250', '9'] }, 0.25],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{}, undefined],
  ])('%j is %s s', (headers, seconds) => expect(retryAfter(headers, now)).toBe(seconds))

  test('until a moment is in whole seconds, unless it is past', () => {
    expect(secondsUntil('2026-01-01T00:00:01.5Z', now)).toBe(2)
    expect(secondsUntil('2025-12-31T23:59:59Z', now)).toBeUndefined()
    expect(secondsUntil('', now)).toBeUndefined()
  })
})
