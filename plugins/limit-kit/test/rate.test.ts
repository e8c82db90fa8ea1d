import { checkValue, GatewayError, Type } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { BudgetSection, LimitsSection, parseRate, RateText } from '../src/index.ts'

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000]

test.each<[string, number, number, string]>([
  ['1000/min', 1000, MINUTE, 'minute'],
  ['1000/m', 1000, MINUTE, 'minute'],
  ['100k/h', 100_000, HOUR, 'hour'],
  ['5/s', 5, SECOND, 'second'],
  ['1m/day', 1_000_000, DAY, 'day'],
  ['1.5k/second', 1500, SECOND, 'second'],
  ['2.0005k/s', 2000, SECOND, 'second'],
  ['30/10s', 30, 10 * SECOND, '10 seconds'],
  ['7/2day', 7, 2 * DAY, '2 days'],
  ['999999999999m/d', Number.MAX_SAFE_INTEGER, DAY, 'day'],
])('%s', (text, limit, period, span) => {
  expect(parseRate(text)).toEqual({ limit, period, span })
  expect(checkValue(RateText('x'), text)).toEqual([])
})

test.each<[string, string | undefined]>([
  ['1000/mins', '1000/min'],
  ['1000 / min', '1000/min'],
  ['1000 per hour', '1000/hour'],
  ['1000 per hours', '1000/hour'],
  ['1,000/min', '1000/min'],
  ['100K/H', '100k/h'],
  ['1000', '1000/min'],
  ['1000rpm', undefined],
  ['0/min', undefined],
  ['-5/min', undefined],
  ['5/fortnight', undefined],
  ['1e9/min', undefined],
  ['/min', undefined],
  ['', undefined],
  ['9'.repeat(100_000), undefined],
])('%j is no rate; meant was %j', (text, meant) => {
  const error = (() => {
    try {
      return parseRate(text)
    } catch (thrown) {
      return thrown
    }
  })()
  expect(GatewayError.is(error) && error.code).toBe('invalid_request')
  const guess = /Did you mean "(.*)"/.exec((error as Error).message)?.[1]
  expect(guess).toBe(meant)
  if (guess !== undefined) expect(() => parseRate(guess)).not.toThrow()
  expect((error as Error).message.length).toBeLessThan(250)
  expect(checkValue(RateText('x'), text)).toHaveLength(1)
})

describe('sections', () => {
  test.each<[string, typeof LimitsSection | typeof BudgetSection, unknown, boolean]>([
    [
      'all limits',
      LimitsSection,
      { requests: '5/s', tokens: '1m/day', inputTokens: '5/s', outputTokens: '5/s', concurrency: 3, priority: 'low' },
      true,
    ],
    ['no limit', LimitsSection, {}, true],
    ['a rate that is none', LimitsSection, { requests: '5' }, false],
    ['nobody at once', LimitsSection, { concurrency: 0 }, false],
    ['another field', LimitsSection, { request: '5/s' }, false],
    ['a budget', BudgetSection, { amount: 0.5, period: 'day', softAt: 0.8 }, true],
    [
      'a rolling budget',
      BudgetSection,
      { amount: 10, period: '30d', increase: { amount: 5, until: '2026-12-01T00:00:00Z' } },
      true,
    ],
    ['no amount', BudgetSection, { period: 'day' }, false],
    ['nothing', BudgetSection, { amount: 0, period: 'day' }, false],
    ['more than can be counted', BudgetSection, { amount: 1e7, period: 'day' }, false],
    ['a period that is none', BudgetSection, { amount: 1, period: 'year' }, false],
    ['an alert at the end', BudgetSection, { amount: 1, period: 'day', softAt: 1 }, false],
    [
      'a day without an hour',
      BudgetSection,
      { amount: 1, period: 'day', increase: { amount: 1, until: '2026-12-01' } },
      false,
    ],
  ])('%s', (_, schema, value, valid) => {
    expect(checkValue(schema, value).length === 0).toBe(valid)
  })

  test('are told with what may have been meant', () => {
    expect(checkValue(LimitsSection, { request: '5/s' })[0]!.text).toContain('Did you mean "requests"?')
    expect(checkValue(Type.Object({ limits: LimitsSection }), { limits: { requests: '5' } })[0]).toEqual({
      at: 'limits.requests',
      text: '"5" is not of the form 1000/min or 100k/h or 5/s or 1m/day.',
    })
  })
})
