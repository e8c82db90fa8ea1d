import { describe, expect, test } from 'vitest'
import { BucketTable } from '../src/index.ts'
import type { Claim, MeterState } from '../src/index.ts'
import { testCounters, testRemoteCounters } from '../src/testing/index.ts'

describe('as counters', () => {
  testCounters({ test, create: (now) => new BucketTable(now) })
  testRemoteCounters({ test, create: (now) => new BucketTable(now) })
})

const window = (amount: number, key = 'w', until = Infinity): Claim => {
  return { kind: 'window', key, amount, limit: 10, until }
}
const bucket = (amount: number): Claim => ({ kind: 'bucket', key: 'b', amount, limit: 10, period: 1000 })
const slots = (amount: number): Claim => ({ kind: 'slots', key: 's', amount, limit: 10 })
const ALL = [bucket(0), window(0), slots(0)]
const left = (table: BucketTable, claims: readonly Claim[] = ALL): number[] =>
  table.read(claims).map(({ remaining }) => remaining)

describe('a process that is gone', () => {
  test('gives back what it held, and nothing else', () => {
    const table = new BucketTable(() => 0)
    table.reserve('1', [bucket(1), window(1), slots(1)], 'dead')
    table.reserve('2', [bucket(2), window(2), slots(2)], 'alive')
    table.reserve('3', [bucket(4), window(4), slots(4)], 'dead')
    table.settle('1', [], [1, 1, 1])
    table.dropPeer('dead')
    table.dropPeer('unknown')
    expect(left(table)).toEqual([7, 7, 8])
    table.settle('3', [], [4, 4, 4])
    expect(left(table)).toEqual([7, 7, 8])
  })
})

describe('what is kept', () => {
  const moved = (from: BucketTable, now: () => number): BucketTable => {
    const kept = new Map(from.dirty().map((state) => [`${state.kind} ${state.key}`, state]))
    const table = new BucketTable(now)
    table.load([...kept.values()].filter(({ used }) => used > 0))
    return table
  }

  test('is what was used of a lease, and not what stays held of it', () => {
    const table = moved(new BucketTable(), () => 0)
    table.reserve('1', [window(8), bucket(8)])
    table.settle('1', [], [3, 2], { lease: '2', amounts: [4, 5] })
    expect(left(table)).toEqual([3, 3, 10])
    expect(left(moved(table, () => 0))).toEqual([8, 7, 10])
  })

  test('goes on elsewhere to the fraction of a unit', () => {
    let time = 0
    const table = new BucketTable(() => time)
    table.load([])
    table.reserve('1', [bucket(9), window(9), slots(9)])
    time = 150
    table.settle('1', [], [8, 8, 8])
    const other = moved(table, () => time)
    time = 199
    expect(left(other)).toEqual([3, 2, 10])
    time = 200
    expect(left(other)).toEqual([4, 2, 10])
    expect(left(table)).toEqual([4, 2, 10])
  })

  test('is without what open leases hold: nobody will settle them there', () => {
    const table = new BucketTable(() => 0)
    table.load([])
    table.reserve('1', [bucket(3), window(3)])
    table.settle('1', [], [2, 2])
    table.reserve('2', [bucket(5), window(5)])
    expect(left(table)).toEqual([3, 3, 10])
    expect(left(moved(table, () => 0))).toEqual([8, 8, 10])
  })

  test('is told once for each change, and that a key is forgotten', () => {
    let time = 0
    const table = new BucketTable(() => time)
    expect(table.dirty()).toEqual([])
    table.load([{ kind: 'window', key: 'w', used: 4, credit: 0, period: 1, at: 0, until: 50 }])
    expect(table.dirty()).toEqual([])
    table.reserve('1', [window(1, 'w', 50)])
    table.settle('1', [], [2])
    const used = (states: MeterState[]): (string | number)[][] => states.map(({ key, used }) => [key, used])
    expect(used(table.dirty())).toEqual([['w', 6]])
    expect(table.dirty()).toEqual([])
    time = 50
    table.read([window(0)])
    expect(used(table.dirty())).toEqual([['w', 0]])
  })

  test('holds no more keys than are in use, however many there have been', () => {
    let time = 0
    const table = new BucketTable(() => time)
    table.load([])
    let alive = 0
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 1000; i++) {
        const lease = `${round} ${i}`
        const claims: Claim[] = [window(1, lease, time + 1000), { ...bucket(10), key: lease }]
        table.reserve(lease, claims)
        table.settle(lease, claims, [1, 10])
      }
      for (const { used } of table.dirty()) alive += used > 0 ? 1 : -1
      expect(alive).toBeLessThanOrEqual(4000)
      time += 1000
    }
  })
})

test('refuses a lease that is held already, and takes nothing', () => {
  const table = new BucketTable(() => 0)
  table.reserve('1', [window(1)])
  expect(() => table.reserve('1', [window(1)])).toThrow(TypeError)
  expect(left(table, [window(0)])).toEqual([9])
})

test.each<[string, Claim]>([
  ['an amount below zero', window(-1)],
  ['a part of a unit', window(0.5)],
  ['no number', window(Number.NaN)],
  ['a limit below zero', { ...window(1), limit: -1 }],
  ['a limit that is not exact', { ...window(1), limit: 2 ** 53 }],
  ['a period of nothing', { kind: 'bucket', key: 'b', amount: 1, limit: 1, period: 0 }],
  ['a period that never ends', { kind: 'bucket', key: 'b', amount: 1, limit: 1, period: Infinity }],
  ['no end', { ...window(1), until: Number.NaN } as Claim],
])('refuses a claim with %s, and takes nothing of those beside it', (_what, claim) => {
  const table = new BucketTable(() => 0)
  expect(() => table.reserve('1', [window(1), claim])).toThrow(TypeError)
  expect(left(table, [window(0)])).toEqual([10])
})

test.each([-1, 0.5, Number.NaN, undefined])(
  'does not settle a lease with an amount of %s, which stays held',
  (amount) => {
    const table = new BucketTable(() => 0)
    table.reserve('1', [window(4)])
    expect(() => table.settle('1', [], [amount!])).toThrow(TypeError)
    expect(left(table, [window(0)])).toEqual([6])
    table.settle('1', [], [1])
    expect(left(table, [window(0)])).toEqual([9])
  },
)

test('what was used stays a number that can be counted with, however much it was', () => {
  const table = new BucketTable(() => 0)
  for (const lease of ['1', '2']) {
    table.reserve(lease, [window(0)])
    table.settle(lease, [], [Number.MAX_VALUE])
  }
  table.reset('w')
  expect(table.reserve('3', [window(10)]).granted).toBe(true)
})
