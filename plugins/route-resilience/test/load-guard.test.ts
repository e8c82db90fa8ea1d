import { GatewayError } from '@sluice/core'
import type { Exchange, Principal } from '@sluice/core'
import { simulatedExchange } from '@sluice/route-kit/testing'
import { stallBeforeHeaders } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { LoadGuard } from '../src/load-guard.ts'
import { openaiAnswer, QUICK, stage, textOf } from './support/stage.ts'

const of = (priority?: string): Principal => ({
  id: 'x',
  scopes: [{ kind: 'key', id: 'k', sections: priority === undefined ? {} : { limits: { priority } } }],
})

/** Whether a request of each class gets in. */
function letsIn(guard: LoadGuard): { [priority: string]: boolean } {
  const lets = (priority: string): boolean => {
    const exchange = simulatedExchange({ principal: of(priority) })
    try {
      guard.enter(exchange)
      guard.check(exchange)
      return true
    } catch (error) {
      expect(GatewayError.is(error) && error.code).toBe('overloaded')
      return false
    } finally {
      guard.leave(exchange)
    }
  }
  return { low: lets('low'), normal: lets('normal'), high: lets('high') }
}

describe('with too many requests at once', () => {
  const crowd = (count: number): { guard: LoadGuard; exchanges: Exchange[] } => {
    const guard = new LoadGuard({ inFlight: 100, lag: Infinity, retryAfter: 1 })
    const exchanges = Array.from({ length: count }, () => simulatedExchange())
    for (const exchange of exchanges) guard.enter(exchange)
    return { guard, exchanges }
  }

  test.each([
    [79, { low: true, normal: true, high: true }],
    [80, { low: false, normal: true, high: true }],
    [90, { low: false, normal: false, high: true }],
    [100, { low: false, normal: false, high: false }],
  ])('%i of 100', (count, expected) => {
    expect(letsIn(crowd(count).guard)).toEqual(expected)
  })

  test('those who are refused come back only when there is clearly less to do', () => {
    const { guard, exchanges } = crowd(81)
    expect(guard.level).toBe(1)
    const leave = (count: number): void => exchanges.splice(0, count).forEach((exchange) => guard.leave(exchange))
    leave(11)
    expect(guard.level).toBe(1)
    leave(1)
    expect(guard.level).toBe(0)
    expect(letsIn(guard)).toEqual({ low: true, normal: true, high: true })
  })

  test('who looks after the gateway gets in, and nobody is counted twice', () => {
    const { guard } = crowd(100)
    const operator = simulatedExchange({ operation: 'operator' })
    expect(() => guard.enter(operator)).not.toThrow()
    guard.leave(operator)
    expect(() => guard.enter(simulatedExchange())).toThrow()
  })
})

describe('with a loop that lags', () => {
  test('classes are given up one after the other, and taken again the other way round', () => {
    const guard = new LoadGuard({ inFlight: Infinity, lag: 100, retryAfter: 1 })
    const levels = [150, 150, 90, 150, 150, 90, 60, 60, 75, 60, 60].map((lag) => {
      guard.sample(lag)
      return guard.level
    })
    expect(levels).toEqual([1, 2, 2, 3, 3, 3, 2, 1, 1, 0, 0])
  })
})

test('a client that is refused is told when to come back, and nothing it asked for is done', async () => {
  const callers = { some: of(), vip: of('high') }
  await using on = await stage({ callers, options: { ...QUICK, shedding: { inFlight: 1, retryAfter: '3s' } } })
  const as = (caller: string) => ({ headers: { 'x-caller': caller } })
  on.a.reply(stallBeforeHeaders())
  const controller = new AbortController()
  const first = on.ask({}, { signal: controller.signal, ...as('some') }).catch(() => undefined)
  await expect.poll(() => on.a.requests.length).toBe(1)
  for (const caller of ['some', 'vip']) {
    const refused = await on.ask({}, as(caller))
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '3'])
    expect(refused.json()['error']).toMatchObject({ code: 'overloaded' })
  }
  // The operator's routes are open, to whoever may use them.
  expect((await on.gateway.request('/admin/v1/routing/circuits', as('vip'))).status).toBe(403)
  expect(on.a.requests).toHaveLength(1)
  controller.abort()
  await first
  await expect.poll(() => on.over.length).toBe(4)
  on.a.reply(openaiAnswer('again'))
  expect(textOf(await on.ask({}, as('some')))).toBe('again')
})
