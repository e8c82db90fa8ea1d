import { GatewayError } from '@sluice/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LeasedCounters } from '../src/index.ts'
import type { Claim, CounterServer, End } from '../src/index.ts'

const INTERVAL = 1000
const claims: Claim[] = [{ kind: 'slots', key: 'k', amount: 1, limit: 9 }]
const end = (lease: string, amount: number, unknown: End['unknown']): End => {
  return { lease, claims, amounts: [amount], unknown, rest: undefined }
}
const away = (): Promise<never> => Promise.reject(new GatewayError('overloaded', 'away'))

let errors: unknown[]
let counters: LeasedCounters
const server = {
  reserve: vi.fn<CounterServer['reserve']>(),
  settle: vi.fn<CounterServer['settle']>(),
  read: vi.fn<CounterServer['read']>(),
  reset: vi.fn<CounterServer['reset']>(),
  renew: vi.fn<CounterServer['renew']>(),
}
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  vi.resetAllMocks()
  server.reserve.mockResolvedValue({ granted: true, levels: [], short: -1, retryAfter: 0 })
  server.renew.mockResolvedValue([])
  errors = []
  counters = new LeasedCounters({ server, interval: INTERVAL, onError: (error) => errors.push(error) })
})
afterEach(() => {
  counters.close()
  vi.useRealTimers()
})
/** The leases of each call. */
const told = (): string[][] => server.settle.mock.calls.map(([ends]) => ends.map(({ lease }) => lease))
const later = (): Promise<unknown> => vi.advanceTimersByTimeAsync(INTERVAL)

test('what is held is renewed, in batches, until it is settled', async () => {
  for (let i = 0; i < 450; i++) await counters.reserve(`${i}`, claims)
  await later()
  expect(server.renew.mock.calls.map(([leases]) => leases.length)).toEqual([200, 200, 50])
  for (let i = 0; i < 449; i++) await counters.settle(`${i}`, claims, [1])
  server.renew.mockClear()
  await later()
  expect(server.renew.mock.calls).toEqual([[['449']]])
})

test('what was refused is not renewed, but what others lost is looked for', async () => {
  server.reserve.mockResolvedValue({ granted: false, levels: [], short: 0, retryAfter: 1 })
  await counters.reserve('x', claims)
  await later()
  expect(server.renew.mock.calls).toEqual([[[]]])
})

test('what the server has forgotten is taken again, whatever the limits say', async () => {
  await counters.reserve('x', claims)
  server.renew.mockResolvedValue(['x'])
  await later()
  expect(server.reserve.mock.calls.at(-1)).toEqual(['x', claims, true])
})

test('leases that end in one turn are told together, in batches', async () => {
  const leases = Array.from({ length: 150 }, (_, i) => `${i}`)
  for (const lease of leases) await counters.reserve(lease, claims)
  await Promise.all(leases.map((lease) => counters.settle(lease, claims, [1])))
  expect(told()).toEqual([leases.slice(0, 100), leases.slice(100)])
})

test('what stays held of a lease is renewed, taken again if it was lost, and settled under its own name', async () => {
  await counters.reserve('x', claims)
  const rest = { lease: 'y', amounts: [0] }
  await counters.settle('x', claims, [1], rest)
  server.renew.mockResolvedValue(['y'])
  await later()
  expect(server.renew.mock.calls).toEqual([[['y']]])
  expect(server.reserve.mock.calls.at(-1)).toEqual(['y', [{ ...claims[0], amount: 0 }], true])
  await counters.settle('y', claims, [1])
  expect(server.settle.mock.calls.map(([ends]) => ends)).toMatchObject([
    [{ lease: 'x', rest }],
    [{ lease: 'y', unknown: 'charge' }],
  ])
})

test('an end that the server did not hear of is told again until it did', async () => {
  await counters.reserve('x', claims)
  server.settle.mockImplementation(away)
  await expect(counters.settle('x', claims, [1])).rejects.toThrow('away')
  await later()
  await counters.settle('x', claims, [0])
  server.settle.mockResolvedValue()
  await later()
  await later()
  expect(server.settle.mock.calls).toEqual(Array.from({ length: 3 }, () => [[end('x', 1, 'charge')]]))
  expect(errors).toHaveLength(1)
})

test('a lease of which nobody knows whether it began is called off', async () => {
  server.reserve.mockImplementation(away)
  await expect(counters.reserve('x', claims)).rejects.toThrow('away')
  await later()
  expect(server.settle.mock.calls).toEqual([[[end('x', 0, 'forbid')]]])
})

test('a lease of another process is settled, but not charged if nobody knows it', async () => {
  await counters.settle('x', claims, [1])
  expect(server.settle.mock.calls).toEqual([[[end('x', 1, 'ignore')]]])
})

test('after some minutes an end is given up: the server may have forgotten that it heard of it', async () => {
  await counters.reserve('x', claims)
  server.settle.mockImplementation(away)
  await expect(counters.settle('x', claims, [1])).rejects.toThrow('away')
  await vi.advanceTimersByTimeAsync(300_000)
  server.settle.mockClear()
  await later()
  expect(server.settle).not.toHaveBeenCalled()
})

test('an end that the server will never take does not hold up the others', async () => {
  server.settle.mockImplementation(away)
  for (const lease of ['bad', 'good']) {
    await counters.reserve(lease, claims)
    await expect(counters.settle(lease, claims, [1])).rejects.toThrow('away')
  }
  server.settle.mockImplementation(async (ends) => {
    if (ends.some(({ lease }) => lease === 'bad')) throw new RangeError('bad')
  })
  server.settle.mockClear()
  await later()
  await later()
  expect(told()).toEqual([['bad', 'good'], ['bad'], ['good']])
  expect(errors).toEqual([new RangeError('bad')])
})

test('claims and amounts that cannot be counted with are refused before the server is asked', async () => {
  await expect(counters.reserve('x', [{ ...claims[0]!, amount: -1 }])).rejects.toThrow(TypeError)
  await expect(counters.settle('x', claims, [0.5])).rejects.toThrow(TypeError)
  expect(server.reserve).not.toHaveBeenCalled()
  expect(server.settle).not.toHaveBeenCalled()
})
