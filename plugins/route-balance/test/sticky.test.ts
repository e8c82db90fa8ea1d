import type { JsonObject } from '@sluice/core'
import { hashPair, hashText } from '@sluice/route-kit'
import { simulatedExchange } from '@sluice/route-kit/testing'
import type { ExchangeGiven } from '@sluice/route-kit/testing'
import { describe, expect, test } from 'vitest'
import { stickyKey } from '../src/sticky-key.ts'
import { nameOf, simulated, targetsOf } from './support/simulated.ts'

const KEYS = Array.from({ length: 8000 }, (_, n) => `session-${n}`)

/** By session, the targets in their order. */
function placed(targets = targetsOf({}, {}, {}, {}), section = {}): string[][] {
  const { router } = simulated({ section: { strategy: 'sticky', ...section } })
  return KEYS.map((session) => {
    const exchange = simulatedExchange({ headers: { 'x-session-id': session } })
    return router.beforeRoute(targets, exchange).map(({ provider, model }) => `${provider}/${model}`)
  })
}

describe('a session', () => {
  test('keeps to its target, in every process, whatever the order in the config', () => {
    const reversed = targetsOf({}, {}, {}, {}).toReversed()
    expect(placed(reversed)).toEqual(placed())
  })

  test('moves only if its target goes, to its second choice, which is another one for each', () => {
    const all = placed()
    const less = placed(targetsOf({}, {}, {}))
    const moved = all.filter(([first], n) => first !== less[n]![0])
    expect(moved.every(([first]) => first === 'p/d')).toBe(true)
    all.forEach((order, n) => expect(less[n]).toEqual(order.filter((name) => name !== 'p/d')))
    for (const name of ['p/a', 'p/b', 'p/c']) {
      const share = moved.filter(([, second]) => second === name).length / moved.length
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.05)
    }
  })

  test('moves only to a target whose weight has grown', () => {
    const before = placed()
    const after = placed(targetsOf({}, {}, { weight: 3 }, {}))
    before.forEach(([first], n) => expect([first, 'p/c']).toContain(after[n]![0]))
    const share = after.filter(([first]) => first === 'p/c').length / KEYS.length
    expect(Math.abs(share - 0.5)).toBeLessThan(0.03)
  })

  test('goes to another one while its own is out, and back', () => {
    const exchange = (): ReturnType<typeof simulatedExchange> =>
      simulatedExchange({ headers: { 'x-session-id': 'one' } })
    const targets = targetsOf({}, {}, {})
    const [first, second] = simulated({ section: { strategy: 'sticky' } }).router.beforeRoute(targets, exchange())
    let isOut = true
    const health = { state: ({ model }: { model: string }) => ({ open: isOut && model === first!.model }) }
    const { router } = simulated({ section: { strategy: 'sticky' }, health })
    expect(router.beforeRoute(targets, exchange())[0]).toEqual(second)
    isOut = false
    expect(router.beforeRoute(targets, exchange())[0]).toEqual(first)
  })

  test('that shall keep to its own is refused when that cannot serve, and is told why', () => {
    const section = { strategy: 'sticky' as const, sticky: { otherwise: 'refuse' as const } }
    const { router } = simulated({ section })
    const far = targetsOf({ requests: 1 }, { requests: 1 })
    const route = () => {
      const exchange = simulatedExchange({ headers: { 'x-session-id': 'one' } })
      const [target, ...others] = router.beforeRoute(far, exchange)
      expect(others).toEqual([])
      const attempt = { number: 1, target: target!, startedAt: 0, firstByteAt: 1, endedAt: 2 }
      router.beforeAttempt(attempt as never, exchange)
      router.afterAttempt(attempt as never, exchange)
    }
    route()
    expect(route).toThrow(
      expect.objectContaining({
        code: 'no_target_available',
        message: expect.stringMatching(/used up.*keep to p\/|keep to p\/.*used up/),
      }),
    )
    const anybody = simulatedExchange()
    expect(router.beforeRoute(targetsOf({}, {}), anybody)).toHaveLength(2)
  })
})

describe('sessions that shall keep to their own', () => {
  const section = { strategy: 'sticky' as const, sticky: { otherwise: 'refuse' as const } }
  const policy = { metadata: { 'data-policy': { regions: ['eu-*'] } } }

  test.each<[what: string, given: Parameters<typeof targetsOf>, rules: object, principal: object]>([
    ['the config allows', [{ region: 'us-east-1' }, { region: 'eu-west-1' }], { require: { regions: ['eu-*'] } }, {}],
    ['their key allows', [{ region: 'us-east-1' }, { region: 'eu-west-1' }], {}, policy],
    ['is no stand-by', [{ priority: 1 }, { priority: 0 }], {}, {}],
  ])('have one that %s', (_what, given, rules, principal) => {
    const { router } = simulated({ section: { ...section, ...rules } })
    for (const session of KEYS.slice(0, 50)) {
      const exchange = simulatedExchange({ headers: { 'x-session-id': session }, principal })
      expect(router.beforeRoute(targetsOf(...given), exchange).map(({ model }) => model)).toEqual(['b'])
    }
  })
})

describe('what keeps a request to its target', () => {
  const chat = (first: string, ...more: string[]): JsonObject => ({
    model: 'm',
    messages: [first, ...more].map((content, n) => ({ role: n % 2 ? 'assistant' : 'user', content })),
  })

  test.each<[by: string, one: ExchangeGiven, same: ExchangeGiven, other: ExchangeGiven]>([
    [
      'session',
      { headers: { 'x-session-id': 'a' } },
      { headers: { 'session-id': 'a' } },
      { headers: { 'x-session-id': 'b' } },
    ],
    [
      'session',
      { body: { prompt_cache_key: 'a' } },
      { headers: { 'x-session-id': 'a' } },
      { body: { prompt_cache_key: 'b' } },
    ],
    ['user', { principal: { user: 'a' } }, { body: { user: 'a' } }, { principal: { user: 'b' } }],
    ['user', { body: { metadata: { user_id: 'a' } } }, { body: { safety_identifier: 'a' } }, { body: { user: 'b' } }],
    ['key', { principal: { key: 'a' } }, { principal: { key: 'a', user: 'x' } }, { principal: { key: 'b' } }],
    ['team', { principal: { team: 'a' } }, { principal: { team: 'a', user: 'x' } }, { principal: { team: 'b' } }],
    [
      'header:X-Thread',
      { headers: { 'x-thread': 'a' } },
      { headers: { 'x-thread': 'a' } },
      { headers: { 'x-thread': 'b' } },
    ],
    [
      'metadata:thread',
      { body: { metadata: { thread: 'a' } } },
      { body: { metadata: { thread: 'a', x: 1 } } },
      { body: { metadata: { thread: 'b' } } },
    ],
    ['prefix', { body: chat('Hello') }, { body: chat('Hello', 'Hi', 'And now?') }, { body: chat('Hallo') }],
    [
      'prefix',
      { body: { system: 'You are kind.', ...chat('Hello') } },
      { body: { system: 'You are kind.', temperature: 1, ...chat('Hello', 'Hi', 'And?') } },
      { body: { system: 'You are not.', ...chat('Hello') } },
    ],
    [
      'prefix',
      { body: { systemInstruction: { parts: [{ text: 'x' }] }, contents: [{ parts: [{ text: 'Hello' }] }] } },
      {
        body: {
          systemInstruction: { parts: [{ text: 'x' }] },
          contents: [{ parts: [{ text: 'Hello' }] }, { parts: [{ text: 'Hi' }] }],
        },
      },
      { body: { systemInstruction: { parts: [{ text: 'x' }] }, contents: [{ parts: [{ text: 'Hallo' }] }] } },
    ],
    [
      'prefix',
      { body: { messages: [{ role: 'user', content: [{ text: 'Hello', cache_control: { type: 'ephemeral' } }] }] } },
      {
        body: {
          messages: [
            { role: 'user', content: [{ text: 'Hello' }] },
            { role: 'assistant', content: 'Hi' },
          ],
        },
      },
      { body: { messages: [{ role: 'user', content: [{ text: 'Hallo' }] }] } },
    ],
    [
      'prefix',
      { body: { instructions: 'x', input: 'Hello' } },
      { body: { instructions: 'x', input: 'Hello' } },
      { body: { input: 'Hello' } },
    ],
  ])('by "%s" is %j, as of %j, and not of %j', (by, one, same, other) => {
    const key = stickyKey([by])
    const keyOf = (given: ExchangeGiven) => key(simulatedExchange(given))
    expect(keyOf(one)).toBeTypeOf('number')
    expect(keyOf(same)).toBe(keyOf(one))
    expect(keyOf(other)).not.toBe(keyOf(one))
  })

  test('is the first that there is', () => {
    const key = stickyKey(['header:x-thread', 'user'])
    const user = { principal: { user: 'u' } }
    expect(key(simulatedExchange({ ...user, headers: { 'x-thread': 't' } }))).not.toBe(key(simulatedExchange(user)))
    expect(key(simulatedExchange())).toBeUndefined()
  })

  test.each<JsonObject>([
    { metadata: null, user: 7, messages: null, system: [] },
    { metadata: 'x', user: {}, messages: [null, 1, 'x', [[]]] },
    { metadata: [], prompt_cache_key: ['x'], input: [{ role: 'user' }] },
    { messages: [] },
    {},
  ])('is nothing, or something, whatever clients send: %j', (body) => {
    const keys = ['session', 'user', 'prefix', 'metadata:x'].map((by) => stickyKey([by])(simulatedExchange({ body })))
    for (const key of keys) expect(['number', 'undefined']).toContain(typeof key)
  })

  test('takes no longer for a large prompt than for its beginning', () => {
    const deep = JSON.parse('['.repeat(2000) + ']'.repeat(2000)) as unknown
    const wide = Array.from({ length: 100_000 }, () => ({ role: 'system', content: 'x'.repeat(100) }))
    const key = stickyKey(['prefix'])
    const exchanges = [
      { messages: wide },
      { messages: [{ role: 'user', content: deep }] },
      { input: 'x'.repeat(1e6) },
    ].map((body) => simulatedExchange({ body }))
    const begin = performance.now()
    for (const exchange of exchanges) for (let n = 0; n < 20; n++) key(exchange)
    expect(performance.now() - begin).toBeLessThan(500)
  })
})

test('hashes of pairs are spread evenly, and never 0 or 1', () => {
  const buckets = Array.from({ length: 10 }, () => 0)
  for (let n = 0; n < 20_000; n++) {
    const value = hashPair(hashText(`key ${n}`), hashText(nameOf(n % 4)))
    expect(value > 0 && value < 1).toBe(true)
    buckets[Math.floor(value * 10)]!++
  }
  for (const count of buckets) expect(Math.abs(count - 2000)).toBeLessThan(200)
})
