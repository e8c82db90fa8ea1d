import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bill, completed, rateOf, scaled } from '../src/rates.ts'

test('a bill is exact to the nano-dollar, however large, and rounds once, half up', () => {
  const item = fc.tuple(fc.nat(2_000_000), fc.nat(2_000_000_000_000))
  fc.assert(
    fc.property(fc.array(item, { maxLength: 12 }), (items) => {
      const bill = new Bill()
      let exact = 0n
      for (const [count, rate] of items) {
        bill.add(count, rate)
        exact += BigInt(count) * BigInt(rate)
      }
      expect(BigInt(bill.nanoUsd)).toBe((exact + 500_000n) / 1_000_000n)
    }),
  )
})

test('parts of seconds are charged in part', () => {
  const bill = new Bill()
  bill.add(12.5, rateOf(0.006 / 60, 1))
  expect(bill.nanoUsd).toBe(1_250_000)
})

test('what has no rate is unknown, unless there is none of it', () => {
  const bill = new Bill()
  bill.add(0, undefined)
  expect(bill.isKnown).toBe(true)
  bill.add(1, undefined)
  expect(bill.isKnown).toBe(false)
})

test.each([
  [3, 1e6, 3_000_000_000],
  [0.05, 1e6, 50_000_000],
  [14, 1000, 14_000_000_000_000],
  [0.111, 3600, 30_833_333_333],
])('%d dollars for %d of a kind is %d nano-dollars a million', (dollars, per, rate) => {
  expect(rateOf(dollars, per)).toBe(rate)
})

test('kinds without a price of their own are charged as those that they belong to', () => {
  expect(completed({ input: 10, output: 20, cacheWrite: 12 })).toEqual({
    input: 10,
    output: 20,
    cacheRead: 10,
    cacheWrite: 12,
    cacheWrite1h: 12,
    audio: 10,
    image: 10,
    reasoning: 20,
    outputAudio: 20,
    outputImage: 20,
  })
  expect(completed({ search: 5 })).toEqual({ search: 5 })
})

test('a factor leaves integers', () => {
  expect(scaled({ input: 1_250_000_001, output: 3 }, 0.9)).toEqual({ input: 1_125_000_001, output: 3 })
})
