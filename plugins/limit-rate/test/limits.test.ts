import type { Principal } from '@sluice/core'
import { cutMidStream, json, resetBeforeHeaders, stallBeforeHeaders, testPlugin } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { definePlugin, GatewayError } from '@sluice/core'
import { answer, countersPlugin } from '@sluice/limit-kit/testing'
import { BucketTable } from '@sluice/store-kit'
import type { Counters } from '@sluice/store-kit'
import { describe, expect, test } from 'vitest'
import { rateLimit } from '../src/index.ts'
import { stage } from './support/stage.ts'
import type { RateOptions } from './support/stage.ts'

testPlugin({
  test,
  plugin: rateLimit({ rules: [{ name: 'all', per: ['global'], requests: '5/s' }] }),
  supporting: [countersPlugin(new BucketTable()), openaiDialect()],
})

const rules = (...list: NonNullable<RateOptions['rules']>): { options: RateOptions } => ({ options: { rules: list } })
const alice: Principal = { id: 'alice', key: 'key_a', team: 'red', organisation: 'acme', user: 'u1', tags: ['x', 'y'] }
const bob: Principal = { id: 'bob', key: 'key_b', team: 'red', organisation: 'acme', user: 'u2' }
const callers = { alice, bob }

describe('requests', () => {
  test('are admitted up to the limit, and again when time has given some back', async () => {
    await using on = await stage(rules({ name: 'all', per: ['global'], requests: '3/min' }))
    const statuses = async (count: number): Promise<number[]> => {
      const replies = []
      for (let i = 0; i < count; i++) replies.push((await on.ask()).status)
      return replies
    }
    expect(await statuses(5)).toEqual([200, 200, 200, 429, 429])
    on.clock.now += 20_000
    expect(await statuses(2)).toEqual([200, 429])
    expect(on.upstream.requests).toHaveLength(4)
  })

  test('that are refused say by what, and when to come back', async () => {
    await using on = await stage(rules({ name: 'free-tier', per: ['global'], requests: '2/min' }))
    await on.ask()
    await on.ask()
    const refused = await on.ask()
    const { status, headers } = refused
    expect(status).toBe(429)
    expect(refused.json().error).toMatchObject({
      code: 'rate_limit_exceeded',
      message: expect.stringMatching(/"free-tier" of 2 requests per minute.*30 s/),
    })
    expect(headers).toMatchObject({
      'retry-after': '30',
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1m0s',
      ratelimit: '"free-tier-requests";r=0;t=60',
      'ratelimit-policy': '"free-tier-requests";q=2;w=60',
    })
    expect(headers['x-should-retry']).toBeUndefined()
  })

  const refuses = (hook: 'authorize' | 'admit'): ReturnType<typeof definePlugin> =>
    definePlugin({
      name: 'test-refusal',
      version: '0.1.0',
      api: 1,
      setup: ({ hooks }) =>
        hooks[hook].tap({ name: 'no', stage: 'last' }, () => {
          throw new GatewayError('permission_denied', 'No.')
        }),
    })
  const cached = definePlugin({
    name: 'test-cache',
    version: '0.1.0',
    api: 1,
    setup: ({ hooks }) =>
      hooks.lookup.tap('hit', () => ({
        operation: 'chat',
        choices: [],
        usage: { input: { total: 5, cacheRead: 0, cacheWrite: 0 }, output: { total: 5, reasoning: 0 } },
        extensions: {},
      })),
  })
  test.each([
    ['refused by a later plugin', { plugins: [refuses('authorize')()] }, answer()],
    ['refused before spending', { plugins: [refuses('admit')()] }, answer()],
    ['answered from a cache', { plugins: [cached()] }, answer()],
    ['refused by the upstream', {}, json({ error: { message: 'no' } }, { status: 400 })],
    ['failed', {}, resetBeforeHeaders()],
  ])('%s consume nothing', async (_, settings, reply) => {
    await using on = await stage({
      ...settings,
      ...rules({ name: 'all', per: ['global'], requests: '10/min', tokens: '1000/min', concurrency: 4 }),
    })
    on.upstream.reply(reply)
    await on.ask()
    await on.ask(undefined, { stream: true })
    expect(on.left('limit-rate|rule|all|requests|', 10)).toBe(10)
    expect(on.left('limit-rate|rule|all|tokens|', 1000)).toBe(1000)
    expect(on.left('limit-rate|rule|all|concurrency|', 4, 0)).toBe(4)
  })

  test('for operators do not count, unless a rule names them', async () => {
    const admin = definePlugin({
      name: 'test-admin',
      version: '0.1.0',
      api: 1,
      setup: ({ router }) =>
        router.get('/admin/v1/thing', { permission: 'public' }, (context) => void (context.body = {})),
    })
    await using on = await stage({
      plugins: [admin()],
      ...rules(
        { name: 'all', requests: '1/min' },
        { name: 'ops', match: { operations: ['operator'] }, requests: '2/min' },
      ),
    })
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await on.gateway.request('/admin/v1/thing')).status)
    expect(statuses).toEqual([200, 200, 429])
    expect((await on.ask()).status).toBe(200)
  })
})

describe('tokens', () => {
  test('are reserved as estimated and settled as used, also of streams', async () => {
    await using on = await stage(
      rules({ name: 'all', tokens: '1000/min', inputTokens: '500/min', outputTokens: '500/min' }),
    )
    on.upstream.reply(answer(120, 30))
    await on.ask()
    expect(on.left('limit-rate|rule|all|tokens|', 1000)).toBe(850)
    expect(on.left('limit-rate|rule|all|inputTokens|', 500)).toBe(380)
    expect(on.left('limit-rate|rule|all|outputTokens|', 500)).toBe(470)
    await on.ask(undefined, { stream: true, stream_options: { include_usage: true } })
    expect(on.left('limit-rate|rule|all|tokens|', 1000)).toBe(700)
  })

  test('that were used beyond the estimate make later requests wait', async () => {
    await using on = await stage(rules({ name: 'all', tokens: '1000/min' }))
    on.upstream.reply(answer(100, 1900))
    expect((await on.ask(undefined, { max_tokens: 900 })).status).toBe(200)
    on.clock.now += 60_000
    const { status, headers } = await on.ask(undefined, { max_tokens: 900 })
    expect(status).toBe(429)
    expect(Number(headers['retry-after'])).toBeGreaterThan(50)
  })

  test('are told in the headers of the limit that has least left', async () => {
    await using on = await stage(
      rules(
        { name: 'wide', tokens: '100k/min' },
        { name: 'narrow', tokens: '1000/min' },
        { name: 'input', inputTokens: '5000/min', concurrency: 5 },
      ),
    )
    const { headers } = await on.ask()
    const remaining = Number(headers['x-ratelimit-remaining-tokens'])
    expect(headers).toMatchObject({
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-reset-tokens': expect.stringMatching(/^\d+(\.\d+)?s$/),
    })
    expect(remaining).toBeLessThan(1000)
    expect(remaining).toBeGreaterThan(900)
    expect(headers['ratelimit-policy']).toBe(
      '"narrow-tokens";q=1000;qu="tokens";w=60, "input-concurrency";q=5;qu="concurrent-requests"',
    )
    expect(headers.ratelimit).toBe(`"narrow-tokens";r=${remaining};t=2, "input-concurrency";r=4`)
    expect(headers['x-ratelimit-limit-requests']).toBeUndefined()
  })

  test('that can never fit are refused for good, and it is said so', async () => {
    await using on = await stage(rules({ name: 'all', tokens: '1000/min' }))
    const refused = await on.ask(undefined, { max_tokens: 5000 })
    const { status, headers } = refused
    expect(status).toBe(429)
    expect(refused.json().error).toMatchObject({
      code: 'rate_limit_exceeded',
      message: expect.stringMatching(/50\d\d tokens, more than the limit "all" of 1000 tokens per minute ever allows/),
    })
    expect(headers['retry-after']).toBeUndefined()
    expect(headers['x-should-retry']).toBe('false')
  })

  test('that are only guessed never make a request too large', async () => {
    await using on = await stage(rules({ name: 'all', tokens: '1000/min' }))
    expect((await on.ask(undefined, { max_tokens: null })).status).toBe(200)
    expect(on.left('limit-rate|rule|all|tokens|', 1000)).toBe(980)
  })

  test('of a stream that was cut count as far as it came', async () => {
    await using on = await stage(rules({ name: 'all', tokens: '1000/min', concurrency: 1 }))
    const text = `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta: { content: 'word '.repeat(8) }, finish_reason: null }] })}\n\n`
    on.upstream.reply(cutMidStream(text + text, text.length))
    await on.ask(undefined, { stream: true }).catch(() => undefined)
    const left = on.left('limit-rate|rule|all|tokens|', 1000)
    expect(left).toBeLessThanOrEqual(990)
    expect(left).toBeGreaterThan(900)
    expect(on.left('limit-rate|rule|all|concurrency|', 1, 0)).toBe(1)
  })
})

describe('requests at once', () => {
  test('hold a place for as long as they run, and no longer when the client leaves', async () => {
    await using on = await stage(rules({ name: 'all', concurrency: 1, requests: '10/min' }))
    on.upstream.reply(stallBeforeHeaders(), answer())
    const leaver = new AbortController()
    const first = on.ask(undefined, {}, leaver.signal).catch(() => 'left')
    await on.upstream.request(0)
    const refused = await on.ask()
    expect(refused.status).toBe(429)
    expect(refused.json().error).toMatchObject({ message: expect.stringContaining('"all" of 1 requests at once') })
    expect(refused.headers['retry-after']).toBe('1')
    leaver.abort()
    expect(await first).toBe('left')
    await expect.poll(async () => (await on.ask()).status).toBe(200)
    // The one that was given up had been sent; those that were refused count nothing.
    expect(on.left('limit-rate|rule|all|requests|', 10)).toBe(8)
  })
})

describe('rules', () => {
  test.each<[NonNullable<NonNullable<RateOptions['rules']>[number]['per']>, number]>([
    [['key'], 200],
    [['user'], 200],
    [['team'], 429],
    [['organisation'], 429],
    [['global'], 429],
    [['model', 'team'], 429],
    [['key', 'model'], 200],
    [['ip'], 429],
  ])('per %j', async (per, status) => {
    await using on = await stage({ callers, ...rules({ name: 'r', per, requests: '1/min' }) })
    expect((await on.ask('alice')).status).toBe(200)
    expect((await on.ask('bob')).status).toBe(status)
    expect((await on.ask('alice')).status).toBe(429)
  })

  test('count each tag by itself, and leave alone who has none', async () => {
    await using on = await stage({ callers, ...rules({ name: 'r', per: ['tag'], requests: '1/min' }) })
    expect((await on.ask('alice')).status).toBe(200)
    expect(on.left('limit-rate|rule|r|requests|x', 1)).toBe(0)
    expect(on.left('limit-rate|rule|r|requests|y', 1)).toBe(0)
    expect((await on.ask('bob')).status).toBe(200)
    expect((await on.ask('bob')).status).toBe(200)
  })

  test('hold only for what they match', async () => {
    await using on = await stage({
      callers,
      models: { other: 'openai/m' },
      ...rules({ name: 'r', match: { models: ['oth*'], users: ['u1'] }, requests: '1/min' }),
    })
    const statuses = []
    for (const [caller, model] of [
      ['alice', 'm'],
      ['alice', 'm'],
      ['alice', 'other'],
      ['alice', 'other'],
      ['bob', 'other'],
    ] as const)
      statuses.push((await on.ask(caller, { model })).status)
    expect(statuses).toEqual([200, 200, 200, 429, 200])
  })

  test('all have to let a request in; the one that does not takes nothing from the others', async () => {
    await using on = await stage(rules({ name: 'a', requests: '10/min' }, { name: 'b', requests: '1/min' }))
    await on.ask()
    await on.ask()
    expect(on.left('limit-rate|rule|a|requests|', 10)).toBe(9)
  })

  test('by provider send a request to the next target, and refuse it if there is none', async () => {
    const rule = { name: 'p', per: ['provider'] as ['provider'], requests: '1/min', concurrency: 5, tokens: '1000/min' }
    await using on = await stage({ ...rules(rule), models: { two: { targets: ['openai/m', 'second/m'] } } })
    const served = []
    for (let i = 0; i < 3; i++) served.push((await on.ask(undefined, { model: 'two' })).headers['x-sluice-model'])
    expect(served).toEqual(['openai/m', 'second/m', undefined])
    const refused = await on.ask()
    expect(refused.status).toBe(429)
    expect(refused.headers['retry-after']).toBe('60')
    expect(refused.headers['x-ratelimit-limit-requests']).toBeUndefined()
    expect(on.upstream.requests).toHaveLength(2)
    for (const provider of ['openai', 'second']) {
      expect(on.left(`limit-rate|rule|p|concurrency|${provider}`, 5, 0)).toBe(5)
      expect(on.left(`limit-rate|rule|p|tokens|${provider}`, 1000)).toBe(980)
    }
  })

  test('by provider give back what a provider that failed did not use', async () => {
    const rule = { name: 'p', per: ['provider'] as ['provider'], requests: '5/min', concurrency: 5, tokens: '1000/min' }
    await using on = await stage({ ...rules(rule), models: { two: { targets: ['openai/m', 'second/m'] } } })
    on.upstream.reply(json({ error: { message: 'down' } }, { status: 503 }), answer())
    expect((await on.ask(undefined, { model: 'two' })).headers['x-sluice-model']).toBe('second/m')
    const levels = (provider: string): number[] => [
      on.left(`limit-rate|rule|p|requests|${provider}`, 5),
      on.left(`limit-rate|rule|p|tokens|${provider}`, 1000),
      on.left(`limit-rate|rule|p|concurrency|${provider}`, 5, 0),
    ]
    expect(levels('openai')).toEqual([4, 1000, 5])
    expect(levels('second')).toEqual([4, 980, 5])
  })
})

describe('the limits of keys, users, teams and organisations', () => {
  const withLimits: Principal = {
    ...alice,
    scopes: [
      { kind: 'key', id: 'key_a', sections: { limits: { requests: '2/min', priority: 'high' } } },
      { kind: 'team', id: 'red', sections: { limits: { tokens: '1000/min' } } },
      { kind: 'organisation', id: 'acme', sections: {} },
    ],
  }
  const other: Principal = { ...bob, scopes: [{ kind: 'key', id: 'key_b', sections: {} }, withLimits.scopes![1]!] }

  test('hold beside the rules, each for itself', async () => {
    await using on = await stage({ callers: { alice: withLimits, bob: other } })
    on.upstream.reply(answer(300, 100))
    const first = await on.ask('alice')
    expect(first.headers).toMatchObject({ 'x-ratelimit-limit-requests': '2', 'x-ratelimit-limit-tokens': '1000' })
    expect(on.left('limit-rate|team|tokens|red', 1000)).toBe(600)
    expect((await on.ask('bob')).status).toBe(200)
    const refused = await on.ask('bob', { max_tokens: 500 })
    expect([refused.status, (refused.json().error as { message: string }).message]).toEqual([
      429,
      expect.stringContaining('"team" of 1000 tokens per minute: 200 are left'),
    ])
    expect((await on.ask('alice')).status).toBe(200)
    expect((await on.ask('alice')).json().error).toMatchObject({
      message: expect.stringContaining('"key" of 2 requests'),
    })
  })

  test('that cannot be read let nobody through', async () => {
    const broken: Principal = {
      id: 'x',
      scopes: [{ kind: 'key', id: 'k', sections: { limits: { requests: 'many' } } }],
    }
    await using on = await stage({ callers: { broken } })
    expect((await on.ask('broken')).status).toBe(500)
    expect(on.upstream.requests).toHaveLength(0)
  })
})

describe('classes', () => {
  const sharing: NonNullable<RateOptions['rules']> = [
    { name: 'all', requests: '10/min', shares: { high: 0.5, low: 0.1 }, saturation: 0 },
    { name: 'batch', match: { tags: ['batch'] }, priority: 'low' },
  ]
  const withPriority = (priority?: string): Principal => ({
    id: 'p',
    scopes: [
      { kind: 'key', id: 'k', sections: {} },
      { kind: 'team', id: 't', sections: { limits: priority === undefined ? {} : { priority } } },
    ],
  })

  test.each<[string, Principal, number]>([
    ['of a rule', { id: 'p', tags: ['batch'] }, 5],
    ['of the team', withPriority('high'), 9],
    ['of the team before that of a rule', { ...withPriority('high'), tags: ['batch'] }, 9],
    ['of nobody', withPriority(), 4],
  ])('%s', async (_, principal, served) => {
    await using on = await stage({ callers: { principal }, options: { rules: sharing } })
    const replies = []
    for (let i = 0; i < 11; i++) replies.push(await on.ask('principal'))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(served)
    expect(replies.at(-1)!.headers['retry-after']).toBe('6')
  })
})

describe('counters out of reach', () => {
  const gone = (): Promise<never> => Promise.reject(new Error('no connection'))
  const out = { reserve: gone, settle: gone, read: gone, reset: gone } as Counters

  test.each([
    ['allow', 200],
    ['refuse', 503],
  ] as const)('%s', async (whenUnavailable, status) => {
    const options = {
      whenUnavailable,
      rules: [
        { name: 'all', requests: '5/s', tokens: '1m/day' },
        { name: 'divided', requests: '5/s', shares: { high: 1 } },
      ],
    }
    await using on = await stage({ options, counters: () => out })
    expect([(await on.ask()).status, (await on.ask()).status]).toEqual([status, status])
    expect(on.gateway.log.entries.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })
})

describe('at boot', () => {
  test.each<[string, NonNullable<RateOptions['rules']>, RegExp]>([
    [
      'a name twice',
      [
        { name: 'a', requests: '1/s' },
        { name: 'a', tokens: '1/s' },
      ],
      /another rule is called/,
    ],
    ['a rate that is none', [{ name: 'a', requests: '10 per minute' }], /not of the form 1000\/min/],
    ['nothing counted', [{ name: 'a' }], /"a" counts nothing/],
    ['shares beyond the whole', [{ name: 'a', requests: '1/s', shares: { high: 0.7, low: 0.5 } }], /come to 1\.2/],
    ['a long wait', [{ name: 'a', requests: '1/s', queue: { max: 1, timeout: '1m' } }], /25s is the most/],
    [
      'waiting for a provider',
      [{ name: 'a', per: ['provider'], requests: '1/s', queue: { max: 1, timeout: '1s' } }],
      /Leave out "queue"/,
    ],
  ])('%s is refused', async (_, list, text) => {
    const error = await stage(rules(...list)).then(
      () => 'booted',
      (error: Error & { problems: string[] }) => error.problems.join('\n'),
    )
    expect(error).toMatch(text)
  })
})
