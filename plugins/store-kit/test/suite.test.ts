import { expect, test } from 'vitest'
import { BucketTable } from '../src/index.ts'
import type { Claim, Counters } from '../src/index.ts'
import { testCounters } from '../src/testing/index.ts'

/** Counters that are wrong in one way. */
const BROKEN: { [how: string]: (table: BucketTable, now: () => number) => Partial<Counters> } = {
  'grant one more': (table) => {
    const more = (claims: readonly Claim[]): Claim[] => claims.map((claim) => ({ ...claim, limit: claim.limit + 1 }))
    return { reserve: (lease, claims) => table.reserve(lease, more(claims)) }
  },
  'grant one less': (table) => {
    const less = (claims: readonly Claim[]): Claim[] => claims.map((claim) => ({ ...claim, limit: claim.limit - 1 }))
    return { reserve: (lease, claims) => table.reserve(lease, less(claims)) }
  },
  'grant each claim by itself': (table) => ({
    reserve: (lease, claims) => {
      const parts = claims.map((claim, i) => table.reserve(`${lease} ${i}`, [claim]))
      const short = parts.findIndex(({ granted }) => !granted)
      const levels = parts.map((part) => part.levels[0]!)
      return { granted: short < 0, short, levels, retryAfter: parts[short]?.retryAfter ?? 0 }
    },
    settle: (lease, claims, amounts) =>
      claims.forEach((claim, i) => table.settle(`${lease} ${i}`, [claim], [amounts[i]!])),
  }),
  'look before they take': (table) => ({
    reserve: async (lease, claims) => {
      const before = table.read(claims)
      await Promise.resolve()
      const granted = before.every(({ remaining }, i) => remaining >= claims[i]!.amount)
      return granted
        ? {
            ...table.reserve(
              lease,
              claims.map((claim) => ({ ...claim, limit: 1e15 })),
            ),
            levels: table.read(claims),
          }
        : table.reserve(lease, claims)
    },
  }),
  'take what they refuse': (table) => ({
    reserve: (lease, claims) => {
      const reservation = table.reserve(lease, claims)
      if (!reservation.granted)
        table.reserve(
          `${lease} again`,
          claims.map((claim) => ({ ...claim, amount: 1 })),
        )
      return reservation
    },
  }),
  'give nothing back': (table) => ({
    settle: (lease, claims, amounts) =>
      table.settle(
        lease,
        claims,
        amounts.map((amount, i) => Math.max(amount, claims[i]!.amount)),
      ),
  }),
  'take nothing that was not reserved': (table) => ({
    settle: (lease, claims, amounts) =>
      table.settle(
        lease,
        claims,
        amounts.map((amount, i) => Math.min(amount, claims[i]!.amount)),
      ),
  }),
  'settle as often as they are asked': (table) => {
    let again = 0
    return {
      settle: (lease, claims, amounts) => {
        table.settle(lease, claims, amounts)
        const none = claims.map((claim) => ({ ...claim, amount: 0 }))
        if (table.reserve(`again ${++again}`, none).granted) table.settle(`again ${again}`, none, amounts)
      },
    }
  },
  'keep slots': () => ({ settle: () => undefined }),
  'know buckets as windows': (table, now) => {
    const windows = (claims: readonly Claim[]): Claim[] =>
      claims.map((claim) => {
        if (claim.kind !== 'bucket') return claim
        return { ...claim, kind: 'window', until: (Math.floor(now() / claim.period) + 1) * claim.period }
      })
    return {
      reserve: (lease, claims) => table.reserve(lease, windows(claims)),
      read: (claims) => table.read(windows(claims)),
    }
  },
  'forget when the clock leaps': (table, now) => {
    let last = now()
    return {
      reserve: (lease, claims) => {
        if (now() < last) for (const { key } of claims) table.reset(key)
        last = now()
        return table.reserve(lease, claims)
      },
    }
  },
  'reset nothing': () => ({ reset: () => undefined }),
  'reset more than the key': (table) => ({
    settle: (lease, claims, amounts) => {
      for (const { key } of claims.slice(1)) table.reset(key)
      table.settle(lease, claims, amounts)
    },
  }),
}

test.each(Object.entries(BROKEN))('the suite fails counters that %s', async (_how, broken) => {
  const create = (now: () => number): Counters => {
    const table = new BucketTable(now)
    const whole: Counters = {
      reserve: (lease, claims) => table.reserve(lease, claims),
      settle: (lease, claims, amounts) => table.settle(lease, claims, amounts),
      read: (claims) => table.read(claims),
      reset: (key) => table.reset(key),
    }
    return { ...whole, ...broken(table, now) }
  }
  const cases: (() => Promise<void>)[] = []
  testCounters({ test: (_name, run) => cases.push(run), create })
  const results = await Promise.allSettled(cases.map((run) => run()))
  expect(results.map(({ status }) => status)).toContain('rejected')
})

test('the suite fails a clock that knows only seconds', async () => {
  const cases: (() => Promise<void>)[] = []
  const create = (now: () => number): Counters => new BucketTable(() => Math.floor(now() / 1000) * 1000)
  testCounters({ test: (_name, run) => cases.push(run), create })
  const results = await Promise.allSettled(cases.map((run) => run()))
  expect(results.map(({ status }) => status)).toContain('rejected')
})
