import { GatewayError } from '@sluice/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BucketTable } from '../src/index.ts'
import type { Claim, Reservation } from '../src/index.ts'
import { testCounters } from '../src/testing/index.ts'
import { Process, settled } from './support/network.ts'

const LIMIT = 100_000
const window = (amount: number, key = 'w'): Claim => ({ kind: 'window', key, amount, limit: LIMIT, until: Infinity })
const bucket = (amount: number, period = 86_400_000): Claim => ({
  kind: 'bucket',
  key: 'b',
  amount,
  limit: LIMIT,
  period,
})
const slots: Claim = { kind: 'slots', key: 's', amount: 1, limit: LIMIT }

let table: BucketTable
let processes: Process[]
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] })
  table = new BucketTable(() => Date.now())
  processes = []
})
afterEach(async () => {
  for (const { counters, errors } of processes) {
    await counters.close()
    expect(errors).toEqual([])
  }
  vi.useRealTimers()
})

const start = (arrivesAtOnce = true): Process => {
  const process = new Process(table, `process ${processes.length}`, arrivesAtOnce)
  processes.push(process)
  return process
}
const pass = async (ms: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms)
  await settled()
}
const left = (claim: Claim = window(0)): number => table.read([claim])[0]!.remaining

let leases = 0
type Taken = { lease: string; reservation: Reservation; isLocal: boolean }
const take = async ({ counters }: Process, ...claims: Claim[]): Promise<Taken> => {
  const lease = `lease ${leases++}`
  const given = counters.reserve(lease, claims)
  const taken = { lease, reservation: await given, isLocal: !(given instanceof Promise) }
  await settled()
  return taken
}
const use = async (process: Process, claim: Claim, amount = claim.amount): Promise<Taken> => {
  const taken = await take(process, claim)
  if (taken.reservation.granted) await process.counters.settle(taken.lease, [claim], [amount])
  return taken
}
/** Makes a process take a chunk. */
const warm = async (process: Process, ...claims: Claim[]): Promise<void> => {
  for (let i = 0; i < 2; i++) {
    const { lease } = await take(process, ...claims)
    await process.counters.settle(
      lease,
      claims,
      claims.map(({ amount }) => amount),
    )
  }
  await settled()
}
/** Makes a process of which calls are on the way ask for one. */
const ask = async (process: Process): Promise<void> => {
  for (let i = 0; i < 2; i++) {
    void process.counters.reserve(`lease ${leases++}`, [window(10)])
    await process.deliver()
  }
}

describe('far from a limit', () => {
  test('claims on a key that is claimed again and again are granted at once', async () => {
    const one = start()
    const how: boolean[] = []
    for (let i = 0; i < 5; i++) how.push((await use(one, window(1))).isLocal)
    expect(how).toEqual([false, false, true, true, true])
  })

  test('who keeps on asking is answered from chunks, which are taken ahead', async () => {
    const one = start()
    await warm(one, window(1))
    one.calls.length = 0
    for (let i = 0; i < 1000; i++) {
      expect((await use(one, window(1))).isLocal).toBe(true)
      if (i % 10 === 0) await pass(20)
    }
    expect(one.calls.length).toBeLessThan(40)
    await pass(1000)
    expect(left()).toBe(LIMIT - 1002)
  })

  test('levels are what is left elsewhere, less what is used here', async () => {
    const one = start()
    await warm(one, window(10), bucket(10))
    const { reservation } = await take(one, window(30), bucket(20))
    expect(reservation).toEqual({
      granted: true,
      levels: [
        { remaining: LIMIT - 50, reset: Infinity },
        { remaining: LIMIT - 40, reset: 40 * 864 },
      ],
      short: -1,
      retryAfter: 0,
    })
    expect(one.counters.read([window(0), bucket(0)])).toEqual(reservation.levels)
  })

  test('what is used more than was claimed is told, whatever the chunk held', async () => {
    const one = start()
    await warm(one, window(1))
    expect((await use(one, window(1), 5000)).isLocal).toBe(true)
    expect((await use(one, window(1))).isLocal).toBe(false)
    await pass(1000)
    expect(left()).toBe(LIMIT - 5003)
  })

  test('claims of different limits are granted together, or none is', async () => {
    const one = start()
    await warm(one, window(1))
    const near: Claim = { ...window(1, 'near'), limit: 1 }
    await take(one, near)
    const { reservation } = await take(one, window(1), near)
    expect(reservation).toMatchObject({ granted: false, short: 1 })
    await one.counters.close()
    expect(left()).toBe(LIMIT - 2)
  })

  test('a key that is claimed twice at once has to hold both', async () => {
    const one = start()
    await warm(one, window(1))
    expect((await take(one, window(6), window(6))).isLocal).toBe(false)
    const { lease, isLocal, reservation } = await take(one, window(4), window(4))
    expect([isLocal, reservation.levels.map(({ remaining }) => remaining)]).toEqual([true, [LIMIT - 22, LIMIT - 22]])
    await one.counters.settle(lease, [window(4), window(4)], [1, 2])
    await pass(1000)
    expect(left()).toBe(LIMIT - 2 - 12 - 3)
  })

  test('a lease that is held cannot be taken again, and ends once', async () => {
    const one = start()
    await warm(one, window(1))
    const { lease } = await take(one, window(2))
    expect(() => one.counters.reserve(lease, [window(1)])).toThrow(TypeError)
    expect(() => one.counters.settle(lease, [window(2)], [-1])).toThrow(TypeError)
    for (const amount of [1, 9]) await one.counters.settle(lease, [window(2)], [amount])
    await pass(1000)
    expect(left()).toBe(LIMIT - 3)
  })
})

describe('no chunk is taken', () => {
  test.each<[string, Claim[]]>([
    ['of a limit that is less than 2,000 claims', [{ ...window(1), limit: 1999 }]],
    ['of one of which less is left', [window(51)]],
    ['of slots', [slots]],
    ['of a key that is claimed together with slots', [window(1), slots]],
    [
      'of a key that is claimed together with what is near its limit',
      [window(1), { ...window(1, 'near'), limit: 100 }],
    ],
  ])('%s', async (_, claims) => {
    const one = start()
    for (let i = 0; i < 6; i++) expect((await take(one, ...claims)).isLocal).toBe(false)
    expect(one.calls).toEqual(Array.from({ length: 6 }, () => 'reserve'))
  })

  test('of a key that is seldom claimed', async () => {
    const one = start()
    for (let i = 0; i < 6; i++) {
      expect((await take(one, window(1))).isLocal).toBe(false)
      await pass(1000)
    }
  })

  test('that would be too large a part of what is left when it comes', async () => {
    const one = start(false)
    await ask(one)
    await take(start(), window(LIMIT - 500))
    while (await one.deliver());
    expect(left()).toBe(480)
    expect(one.counters.reserve('x', [window(1)])).toBeInstanceOf(Promise)
  })

  test('that comes when the key was reset, or the counters were closed', async () => {
    for (const meanwhile of ['reset', 'close'] as const) {
      const one = start(false)
      await ask(one)
      void one.counters[meanwhile]('w')
      while (await one.deliver());
      expect(left()).toBe(meanwhile === 'reset' ? LIMIT : LIMIT - 20)
      expect(one.counters.reserve('x', [window(1)])).toBeInstanceOf(Promise)
      table.reset('w')
    }
  })
})

describe('what a process has in a chunk', () => {
  test('is given back within a second if it is not used', async () => {
    const one = start()
    await warm(one, window(1))
    expect(left()).toBeLessThan(LIMIT - 2)
    await pass(1000)
    expect(left()).toBe(LIMIT - 2)
  })

  test('and is granted stays held until it is settled; the rest is given back, and what was used is told', async () => {
    const one = start()
    await warm(one, window(1))
    const long = await take(one, window(5))
    const short = await take(one, window(2))
    await use(one, window(1))
    await pass(1000)
    expect(left()).toBe(LIMIT - 10)
    await one.counters.settle(short.lease, [window(2)], [1])
    await pass(1000)
    expect(left()).toBe(LIMIT - 9)
    for (let i = 0; i < 4; i++) await pass(1000)
    await one.counters.settle(long.lease, [window(5)], [6])
    await settled()
    expect(left()).toBe(LIMIT - 10)
  })

  test('is given back when it closes, and from then on every claim is made elsewhere', async () => {
    const one = start()
    await warm(one, window(1))
    const { lease } = await take(one, window(3))
    await one.counters.close()
    expect(left()).toBe(LIMIT - 5)
    await one.counters.settle(lease, [window(3)], [1])
    await settled()
    expect(left()).toBe(LIMIT - 3)
    for (let i = 0; i < 4; i++) expect((await use(one, window(1))).isLocal).toBe(false)
  })

  test('is given back if it dies, but for what was used more than a second ago', async () => {
    const one = start()
    await warm(one, window(1))
    await use(one, window(3))
    await take(one, window(4))
    await pass(1000)
    await use(one, window(1))
    await use(one, window(1))
    await use(one, window(1))
    one.die()
    table.dropPeer('process 0')
    expect(left()).toBe(LIMIT - 7)
  })

  test('is given back before a claim of its own is refused', async () => {
    const one = start()
    const other = start()
    await warm(one, window(20))
    const { remaining } = (await one.counters.read([window(0)]))[0]!
    await take(other, window(left()))
    const { reservation } = await take(one, window(remaining))
    expect(reservation.granted).toBe(false)
    expect((await take(one, window(200))).reservation.granted).toBe(true)
    expect(left()).toBe(0)
  })

  test('of a window is not used when that is over', async () => {
    const one = start()
    const claim: Claim = { ...window(1), until: Date.now() + 100 } as Claim
    await warm(one, claim)
    expect((await use(one, claim)).isLocal).toBe(true)
    vi.setSystemTime(Date.now() + 100)
    expect((await use(one, claim)).isLocal).toBe(false)
  })

  test('of a bucket lives no longer than a hundredth of its period', async () => {
    const one = start()
    await warm(one, bucket(1, 1000))
    await pass(9)
    expect((await use(one, bucket(1, 1000))).isLocal).toBe(true)
    await pass(11)
    expect((await use(one, bucket(1, 1000))).isLocal).toBe(false)
  })

  test('is given back when the key gets another limit', async () => {
    const one = start()
    await warm(one, window(1))
    const more = { ...window(1), limit: 2 * LIMIT }
    expect((await use(one, more)).isLocal).toBe(false)
    await settled()
    expect(left()).toBe(LIMIT - 3)
  })

  test('is not used after a reset, and nothing of it is given back to the key', async () => {
    const one = start()
    await warm(one, window(1))
    const { lease } = await take(one, window(5))
    await one.counters.reset('w')
    expect(left()).toBe(LIMIT)
    expect((await use(one, window(7))).isLocal).toBe(false)
    await one.counters.settle(lease, [window(5)], [0])
    await pass(2000)
    expect(left()).toBe(LIMIT - 7)
  })
})

describe('a refusal', () => {
  test('says to ask again within a second while others have chunks, and then what is left is granted', async () => {
    const one = start()
    const other = start()
    await warm(one, window(1))
    const rest = left()
    await take(other, window(rest))
    const { reservation } = await take(other, window(1))
    expect(reservation.granted).toBe(false)
    expect(reservation.retryAfter).toBeLessThanOrEqual(1000)
    await pass(reservation.retryAfter)
    expect((await take(other, window(LIMIT - 2 - rest))).reservation.granted).toBe(true)
    expect((await take(other, window(1))).reservation).toMatchObject({ granted: false, retryAfter: Infinity })
  })

  test('says what it says elsewhere if nobody has one; that is looked up once a second at most', async () => {
    const one = start()
    await take(one, window(LIMIT))
    one.calls.length = 0
    for (let i = 0; i < 5; i++) expect((await take(one, window(1))).reservation.retryAfter).toBe(Infinity)
    expect(one.calls.filter((call) => call === 'read')).toHaveLength(1)
    expect((await take(one, window(LIMIT + 1))).reservation.retryAfter).toBe(Infinity)
  })
})

test('while the counters are out of reach, claims are granted for as long as the chunk lives', async () => {
  const one = start()
  await warm(one, window(1))
  one.trouble = new GatewayError('overloaded', 'away')
  expect((await use(one, window(1))).isLocal).toBe(true)
  await pass(1000)
  await expect(use(one, window(1))).rejects.toThrow('away')
  one.trouble = undefined
  expect((await use(one, window(1))).reservation.granted).toBe(true)
})

test('keys that nobody claims any more take no memory', async () => {
  const one = start()
  for (let i = 0; i < 50; i++) await use(one, window(1, `key ${i}`))
  for (let i = 0; i < 50; i++) await use(one, window(1, `key ${i}`))
  await pass(2000)
  one.calls.length = 0
  await one.counters.close()
  for (let i = 0; i < 50; i++) expect(left(window(0, `key ${i}`))).toBe(LIMIT - 2)
  expect(table.read([{ kind: 'slots', key: 'chunks|window|key 1', amount: 0, limit: 9 }])).toEqual([
    { remaining: 9, reset: 0 },
  ])
})

describe('as counters', () => {
  testCounters({
    test,
    create: (now) => {
      const shared = new BucketTable(now)
      const handles = [new Process(shared, 'one', true).counters, new Process(shared, 'other', true).counters] as const
      return { handles, close: async () => void (await Promise.all(handles.map((each) => each.close()))) }
    },
  })
})
