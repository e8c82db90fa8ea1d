import { ANONYMOUS, Exchange, GatewayError } from '@sluice/core'
import type { Priority } from '@sluice/limit-kit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Lines } from '../src/lines.ts'
import type { Refused } from '../src/lines.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => vi.useRealTimers())

const QUEUE = { max: 3, timeout: 10_000 }
const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const on = (key: string) => [{ kind: 'slots' as const, key, amount: 1, limit: 1 }]

function exchangeOf(): Exchange {
  const exchange = new Exchange({ endpoint: { operation: 'chat' }, dialect: { name: 'x' }, headers: {} } as never)
  exchange.principal = ANONYMOUS
  return exchange
}

/** A limit that lets as many in as `free`, and says to come back in `retryAfter` milliseconds. */
class Door {
  readonly lines = new Lines()
  readonly told: string[] = []
  free = 0
  retryAfter = 400
  tries = 0

  readonly try = (): Refused => {
    this.tries++
    if (this.free > 0) {
      this.free--
      return undefined
    }
    return { error: new GatewayError('rate_limit_exceeded', `try ${this.tries}`), retryAfter: this.retryAfter }
  }

  /** Waits under a name; `told` says who was let in, and who was not and why. */
  wait(name: string, priority: Priority = 'normal', exchange = exchangeOf(), queue = QUEUE): Promise<void> {
    const refusal = new GatewayError('rate_limit_exceeded', 'full')
    return this.lines.wait('k', queue, { exchange, priority, refusal, try: this.try }).then(
      () => void this.told.push(name),
      (error: Error) => void this.told.push(`${name}: ${error.message}`),
    )
  }
}

test('who comes first is let in first, when the limit says so', async () => {
  const door = new Door()
  for (const name of ['a', 'b', 'c']) void door.wait(name)
  await later(399)
  door.free = 2
  expect(door.told).toEqual([])
  await later(1)
  expect(door.told).toEqual(['a', 'b'])
  door.free = 1
  await later(400)
  expect(door.told).toEqual(['a', 'b', 'c'])
  expect(door.lines.waitedFor(on('k'))).toBe(-1)
  await later(60_000)
  expect(door.tries).toBe(6)
})

test('classes go before each other, and within one who came first', async () => {
  const door = new Door()
  const queue = { max: 10, timeout: 10_000 }
  for (const [name, priority] of [
    ['low 1', 'low'],
    ['normal 1', 'normal'],
    ['high 1', 'high'],
    ['low 2', 'low'],
    ['normal 2', 'normal'],
    ['high 2', 'high'],
  ] as const)
    void door.wait(name, priority, exchangeOf(), queue)
  await later(0)
  door.free = 6
  door.lines.wake(on('k'))
  await later(0)
  expect(door.told).toEqual(['high 1', 'high 2', 'normal 1', 'normal 2', 'low 1', 'low 2'])
})

test('no more wait than may, and those that do not fit are told at once', async () => {
  const door = new Door()
  for (const name of ['a', 'b', 'c', 'd', 'e']) void door.wait(name)
  await later(0)
  expect(door.told).toEqual(['d: full', 'e: full'])
})

test('whose time is over is told what the limit said last, and the next moves up', async () => {
  const door = new Door()
  void door.wait('a', 'normal', exchangeOf(), { max: 3, timeout: 1000 })
  void door.wait('b')
  await later(1000)
  expect(door.told).toEqual([expect.stringMatching(/^a: try \d$/)])
  door.free = 1
  await later(400)
  expect(door.told[1]).toBe('b')
})

test('whose client has gone leaves, wherever it stands', async () => {
  const door = new Door()
  const [first, second] = [exchangeOf(), exchangeOf()]
  void door.wait('a', 'normal', first)
  void door.wait('b', 'normal', second)
  void door.wait('c')
  await later(0)
  second.abort(new GatewayError('client_closed', 'gone'))
  first.abort(new GatewayError('client_closed', 'gone'))
  await later(0)
  expect(door.told).toEqual(['b: gone', 'a: gone'])
  door.free = 3
  await later(400)
  expect(door.told).toEqual(['b: gone', 'a: gone', 'c'])
  expect(door.free).toBe(2)
})

test('a client that had gone before does not join', async () => {
  const door = new Door()
  const exchange = exchangeOf()
  exchange.abort(new GatewayError('client_closed', 'gone'))
  await door.wait('a', 'normal', exchange)
  expect(door.told).toEqual(['a: gone'])
})

test('waiting that is no use ends at once', async () => {
  const door = new Door()
  door.retryAfter = Infinity
  await door.wait('a')
  expect(door.told).toEqual(['a: try 1'])
})

test('a try that fails is the answer', async () => {
  const lines = new Lines()
  const refusal = new GatewayError('rate_limit_exceeded', 'full')
  const failing = (): Promise<Refused> => Promise.reject(new GatewayError('overloaded', 'no counters'))
  const waiting = lines.wait('k', QUEUE, { exchange: exchangeOf(), priority: 'normal', refusal, try: failing })
  await expect(waiting).rejects.toThrow('no counters')
  expect(lines.waitedFor(on('k'))).toBe(-1)
})

describe('who may be let in is looked for', () => {
  test('when something was given back', async () => {
    const door = new Door()
    void door.wait('a')
    await later(0)
    door.free = 1
    door.lines.wake(on('other'))
    await later(0)
    expect(door.told).toEqual([])
    door.lines.wake(on('k'))
    await later(0)
    expect(door.told).toEqual(['a'])
  })

  test('when it was given back to a portion of the limit', async () => {
    const door = new Door()
    void door.wait('a')
    await later(0)
    door.free = 1
    door.lines.wake(on('k|high'))
    await later(0)
    expect(door.told).toEqual(['a'])
  })

  test('twice a second, since other processes give back, too', async () => {
    const door = new Door()
    door.retryAfter = 86_400_000
    void door.wait('a')
    await later(499)
    door.free = 1
    expect(door.told).toEqual([])
    await later(1)
    expect(door.told).toEqual(['a'])
  })

  test('again, if that was while it was looked for', async () => {
    const lines = new Lines()
    const looks: ((refused: Refused) => void)[] = []
    const refusal = new GatewayError('rate_limit_exceeded', 'full')
    let isIn = false
    void lines
      .wait('k', QUEUE, {
        exchange: exchangeOf(),
        priority: 'normal',
        refusal,
        try: () => new Promise((resolve) => looks.push(resolve)),
      })
      .then(() => (isIn = true))
    await later(0)
    lines.wake(on('k'))
    looks[0]!({ error: refusal, retryAfter: 400 })
    await later(0)
    expect(looks).toHaveLength(2)
    looks[1]!(undefined)
    await later(0)
    expect(isIn).toBe(true)
    await later(5000)
    expect(looks).toHaveLength(2)
  })
})
