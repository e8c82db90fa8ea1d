import { GatewayError } from '@sluice/core'
import type { Exchange } from '@sluice/core'
import { BucketTable } from '@sluice/store-kit'
import type { Claim, Counters } from '@sluice/store-kit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Reservations } from '../src/index.ts'
import type { ReservationSettings } from '../src/index.ts'
import { exchangeOf } from './support/exchange.ts'
import { listeningLog } from './support/log.ts'
import type { Line } from './support/log.ts'

const claim = (key: string, amount: number, limit = 100): Claim => ({
  kind: 'window',
  key,
  amount,
  limit,
  until: Infinity,
})
const left = (table: BucketTable, key: string): number => table.read([claim(key, 0)])[0]!.remaining

/** Counters that can be cut off; then a call fails before or after it had its effect. */
class Cable implements Counters {
  readonly table = new BucketTable()
  cut: 'no' | 'before' | 'after' = 'no'
  isAsync = false
  calls = 0

  #call<T>(work: () => T): T | Promise<T> {
    this.calls++
    if (this.cut === 'before') return this.#fail()
    const result = work()
    if (this.cut === 'after') return this.#fail()
    return this.isAsync ? Promise.resolve(result) : result
  }

  #fail(): Promise<never> {
    const error = new Error('no connection')
    if (this.isAsync) return Promise.reject(error)
    throw error
  }

  reserve: Counters['reserve'] = (lease, claims) => this.#call(() => this.table.reserve(lease, claims))
  settle: Counters['settle'] = (lease, claims, amounts) => this.#call(() => this.table.settle(lease, claims, amounts))
  read: Counters['read'] = (claims) => this.#call(() => this.table.read(claims))
  reset: Counters['reset'] = (key) => this.#call(() => this.table.reset(key))
}

function bench(settings: Partial<ReservationSettings<string>> = {}) {
  const counters = new Cable()
  const { log, lines } = listeningLog()
  const settled: string[] = []
  const reservations = new Reservations<string>({
    counters,
    id: 'test',
    log,
    whenUnavailable: 'allow',
    amountsOf: ({ of }) => of.map(Number),
    onSettled: (claims) => void settled.push(...claims.map(({ key }) => key)),
    ...settings,
  })
  const warnings = (): Line[] => lines.filter(({ level }) => level === 'warn' || level === 'error')
  return { counters, reservations, lines, warnings, settled }
}

function ended(exchange: Exchange): Exchange {
  exchange.outcome = 'ok'
  return exchange
}

describe.each([false, true])('counters that answer later: %s', (isAsync) => {
  test('claims are taken together or not at all, and settled once with what they came to', async () => {
    const { counters, reservations, settled } = bench()
    counters.isAsync = isAsync
    const exchange = exchangeOf()
    expect(await reservations.take(exchange, [claim('a', 60), claim('b', 200)], ['30', '1'])).toMatchObject({
      granted: false,
      short: 1,
    })
    expect(await reservations.take(exchange, [claim('a', 60), claim('b', 50)], ['30', '70'])).toMatchObject({
      granted: true,
    })
    expect(await reservations.take(exchange, [claim('c', 10)], ['10'])).toMatchObject({ granted: true })
    expect([left(counters.table, 'a'), left(counters.table, 'b'), left(counters.table, 'c')]).toEqual([40, 50, 90])
    await reservations.settle(ended(exchange))
    await reservations.settle(exchange)
    expect([left(counters.table, 'a'), left(counters.table, 'b'), left(counters.table, 'c')]).toEqual([70, 30, 90])
    expect(settled.sort()).toEqual(['a', 'b', 'c'])
  })

  test('what was taken last can be settled before the rest', async () => {
    const { counters, reservations } = bench()
    counters.isAsync = isAsync
    const exchange = exchangeOf()
    await reservations.take(exchange, [claim('a', 10)], ['10'])
    await reservations.take(exchange, [claim('b', 10)], ['3'])
    await reservations.settleLast(exchange)
    expect([left(counters.table, 'a'), left(counters.table, 'b')]).toEqual([90, 97])
    await reservations.settle(ended(exchange))
    expect([left(counters.table, 'a'), left(counters.table, 'b')]).toEqual([90, 97])
  })

  test('what is granted to an exchange that is over is given back', async () => {
    const { counters, reservations } = bench()
    counters.isAsync = isAsync
    const exchange = exchangeOf()
    const taking = reservations.take(ended(exchange), [claim('a', 10)], ['10'])
    await taking
    expect(left(counters.table, 'a')).toBe(100)
  })
})

test('no promise is made where the counters make none', () => {
  const { reservations } = bench()
  const exchange = exchangeOf()
  expect(reservations.take(exchange, [claim('a', 1)], ['1'])).not.toBeInstanceOf(Promise)
  expect(reservations.read([claim('a', 1)])).not.toBeInstanceOf(Promise)
  expect(reservations.settle(ended(exchange))).toBeUndefined()
})

describe.each([false, true])('counters out of reach (later: %s)', (isAsync) => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => vi.useRealTimers())

  test('let requests through or refuse them, and say so once an outage', async () => {
    for (const whenUnavailable of ['allow', 'refuse'] as const) {
      const { counters, reservations, warnings } = bench({ whenUnavailable })
      counters.isAsync = isAsync
      const ask = async (): Promise<unknown> => {
        try {
          return (await reservations.take(exchangeOf(), [claim('a', 1)], ['1']))?.granted ?? 'allowed'
        } catch (error) {
          return GatewayError.is(error) && error.retryAfter !== undefined && error.code
        }
      }
      const without = whenUnavailable === 'allow' ? 'allowed' : 'overloaded'
      counters.cut = 'before'
      expect([await ask(), await ask()]).toEqual([without, without])
      counters.cut = 'no'
      expect(await ask()).toBe(true)
      expect(warnings()).toHaveLength(1)
      counters.cut = 'before'
      expect(await ask()).toBe(without)
      expect(warnings()).toHaveLength(2)
    }
  })

  test('get back, later, what was taken without an answer', async () => {
    const { counters, reservations } = bench()
    counters.isAsync = isAsync
    counters.cut = 'after'
    await reservations.take(exchangeOf(), [claim('a', 10)], ['10'])
    counters.cut = 'no'
    expect(left(counters.table, 'a')).toBe(90)
    await vi.advanceTimersByTimeAsync(1000)
    expect(left(counters.table, 'a')).toBe(100)
  })

  test('are told of a settlement when they are back, in ever longer intervals, each once', async () => {
    const { counters, reservations, settled } = bench()
    counters.isAsync = isAsync
    const exchanges = ['30', '5'].map((amount) => {
      const exchange = exchangeOf()
      void reservations.take(exchange, [claim('a', 40)], [amount])
      return exchange
    })
    await Promise.resolve()
    counters.cut = 'before'
    for (const exchange of exchanges) await reservations.settle(ended(exchange))
    expect(settled).toEqual([])
    counters.calls = 0
    await vi.advanceTimersByTimeAsync(60_000)
    expect(counters.calls).toBeLessThan(10)
    expect(counters.calls).toBeGreaterThan(4)
    counters.cut = 'after'
    await vi.advanceTimersByTimeAsync(60_000)
    counters.cut = 'no'
    await vi.advanceTimersByTimeAsync(60_000)
    expect(left(counters.table, 'a')).toBe(65)
  })

  test('are tried once more at the end; what is lost is told', async () => {
    const { counters, reservations, warnings } = bench()
    counters.isAsync = isAsync
    const exchange = exchangeOf()
    await reservations.take(exchange, [claim('a', 40)], ['30'])
    counters.cut = 'before'
    await reservations.settle(ended(exchange))
    await reservations.close()
    expect(warnings().map(({ level }) => level)).toEqual(['error'])
    counters.cut = 'no'
    await reservations.close()
    expect(left(counters.table, 'a')).toBe(70)
  })
})

test('settlements that wait are bounded, and it is said when some are lost', async () => {
  const { counters, reservations, warnings } = bench()
  counters.cut = 'before'
  for (let i = 0; i < 10_100; i++) void reservations.take(exchangeOf(), [claim('a', 1)], ['1'])
  expect(warnings().filter(({ level }) => level === 'error')).toHaveLength(1)
  counters.calls = 0
  counters.cut = 'no'
  await reservations.close()
  expect(counters.calls).toBe(10_000)
})
