import { PRIORITIES } from '@sluice/limit-kit'
import type { Priority } from '@sluice/limit-kit'
import { BucketTable } from '@sluice/store-kit'
import type { Claim } from '@sluice/store-kit'
import { describe, expect, test } from 'vitest'
import { claimOn, countsOf } from '../src/count.ts'
import type { Count, Shares } from '../src/count.ts'
import { DividedDemand } from '../src/shares.ts'
import { Random } from '@sluice/limit-kit/testing'

type Parts = Shares['of']

function limit(amount: string | number, of: Partial<Parts>, saturation = 0.8): Count {
  const shares = { of: { high: 0, normal: 0, low: 0, ...of }, saturation }
  const unit = typeof amount === 'number' ? 'concurrency' : 'tokens'
  return countsOf({ [unit]: amount }, 'p', { name: 'r', perAttempt: false, shares })[0]!
}

/** A divided limit, with a clock that moves when it is moved. */
class Bench {
  readonly count: Count
  readonly table = new BucketTable(() => this.now)
  now = 0
  granted = 0
  #leases = 0

  constructor(count: Count) {
    this.count = count
  }

  /** @returns how long to wait; 0 if it was let in */
  ask(priority: Priority, amount: number): number {
    const demand = { claims: [claimOn(this.count, 'k', amount)], counts: [this.count], isDivided: true }
    const divided = new DividedDemand(demand, priority)
    const { claims, reservation } = divided.portions(this.table.read(divided.read))
    if (!reservation.granted) return reservation.retryAfter
    expect(claims.reduce((sum, claim) => sum + claim.amount, 0)).toBe(amount)
    const taken = this.table.reserve(String(this.#leases++), claims)
    expect(taken.granted).toBe(true)
    this.granted += amount
    return 0
  }

  /** The most that a class gets at this moment. */
  most(priority: Priority): number {
    let amount = 0
    while (this.ask(priority, 1) === 0) amount++
    return amount
  }
}

describe('a class alone', () => {
  test.each<[Priority, Partial<Parts>, number, number]>([
    // Its own share, what is for all, and the part of the others' shares up to which they may be borrowed.
    ['high', { high: 0.5, normal: 0.3, low: 0.2 }, 0.8, 50 + 24 + 16],
    ['low', { high: 0.5, normal: 0.3, low: 0.2 }, 0.8, 20 + 40 + 24],
    ['low', { high: 0.5 }, 0, 50],
    ['low', { high: 0.5 }, 1, 100],
    ['normal', {}, 0.8, 100],
    ['normal', { high: 0.333, low: 0.333 }, 0.5, 34 + 16 + 16],
    ['high', { high: 0.1 + 0.2, normal: 0.7 }, 0, 30],
  ])('%s of %j gets, at saturation %f, %i of 100', (priority, of, saturation, most) => {
    expect(new Bench(limit('100/min', of, saturation)).most(priority)).toBe(most)
    expect(new Bench(limit(100, of, saturation)).most(priority)).toBe(most)
  })
})

test('what others have borrowed is never what a class keeps', () => {
  const bench = new Bench(limit('100/min', { high: 0.5, normal: 0.3, low: 0.2 }))
  expect(bench.most('low')).toBe(84)
  expect(bench.most('high')).toBe(10)
  expect(bench.most('normal')).toBe(6)
  expect(bench.granted).toBe(100)
})

test('a request may be larger than any one share', () => {
  const bench = new Bench(limit('100/min', { high: 0.5, normal: 0.3, low: 0.2 }))
  expect(bench.ask('low', 84)).toBe(0)
})

test('one that no time would let in is told so', () => {
  const bench = new Bench(limit('100/min', { high: 0.5, normal: 0.3, low: 0.2 }))
  expect(bench.ask('low', 85)).toBe(Infinity)
  expect(bench.ask('low', 84)).toBe(0)
  expect(bench.ask('low', 10)).toBe(6000)
})

test('other limits of the demand are claimed as they are', () => {
  const divided = limit('100/min', { high: 0.5 })
  const plain = countsOf({ requests: '10/min' }, 'q', { name: 'q', perAttempt: false })[0]!
  const claims = [claimOn(plain, 'a', 1), claimOn(divided, 'b', 70), claimOn(plain, 'c', 1)]
  const demand = new DividedDemand({ claims, counts: [plain, divided, plain], isDivided: true }, 'low')
  const levels = demand.read.map((claim: Claim) => ({ remaining: claim.limit, reset: 0 }))
  const portions = demand.portions(levels)
  expect(portions.claims.map(({ key, amount }) => [key, amount])).toEqual([
    ['a', 1],
    ['b|all', 50],
    ['b|high', 20],
    ['c', 1],
  ])
  expect(portions.of).toEqual([plain, divided, undefined, plain])
  expect(portions.reservation.levels[1]).toEqual({ remaining: 20, reset: 0 })
  const said = {
    granted: false,
    short: 3,
    retryAfter: 5,
    levels: portions.claims.map((_, remaining) => ({ remaining, reset: 0 })),
  }
  expect(demand.answer(portions, said)).toMatchObject({
    granted: false,
    short: 2,
    retryAfter: 5,
    levels: [{ remaining: 0 }, { remaining: 20 }, { remaining: 3 }],
  })
})

describe.each(Array.from({ length: 60 }, (_, seed) => seed))('whatever is asked (seed %i)', (seed) => {
  const random = new Random(seed)
  const sizes = [random.next(), random.next(), random.next(), random.next()]
  const sum = sizes.reduce((total, size) => total + size, 0)
  const of = { high: sizes[0]! / sum, normal: sizes[1]! / sum, low: sizes[2]! / sum }
  const saturation = random.pick([0, 0.3, 0.5, 0.8, 1])
  const amount = random.integer(20, 5000)
  const period = 60_000

  test('the limit holds, and a class that keeps to its part is never refused because of others', () => {
    const bench = new Bench(limit(`${amount}/min`, of, saturation))
    // The part that is a class's whatever others do: as large as what they must leave, refilled as its share is.
    const protege = random.pick(PRIORITIES)
    const share = Math.floor(amount * of[protege] + 1e-6)
    const kept = Math.ceil(share * (1 - saturation) - 1e-6)
    const entitled = new BucketTable(() => bench.now)
    const isEntitled = (units: number, step: number): boolean => {
      if (kept === 0) return false
      const claim: Claim = {
        kind: 'bucket',
        key: 'e',
        amount: units,
        limit: kept,
        period: Math.ceil((period * kept) / share),
      }
      return entitled.reserve(String(step), [claim]).granted
    }
    let refused = 0
    for (let step = 0; step < 400; step++) {
      bench.now += random.integer(0, 1500)
      const priority = random.pick(PRIORITIES)
      const units = random.integer(1, Math.ceil(amount / 20))
      if (priority !== protege) refused += Number(bench.ask(priority, units) > 0)
      else if (isEntitled(units, step)) expect(bench.ask(priority, units)).toBe(0)
      expect(bench.granted).toBeLessThanOrEqual(amount + (amount * bench.now) / period)
    }
    expect(refused).toBeGreaterThan(0)
  })
})
