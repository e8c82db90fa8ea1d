import { Audit } from '@sluice/admin-kit'
import type { AuditEvent } from '@sluice/admin-kit'
import { definePlugin } from '@sluice/core'
import type { Principal } from '@sluice/core'
import { json, resetBeforeHeaders, testPlugin } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { answer, countersPlugin } from '@sluice/limit-kit/testing'
import { BucketTable } from '@sluice/store-kit'
import type { Counters } from '@sluice/store-kit'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { budgets } from '../src/index.ts'
import { INPUT, OUTPUT, pricesPlugin, stage } from './support/stage.ts'
import type { BudgetOptions } from './support/stage.ts'

testPlugin({
  test,
  plugin: budgets({ rules: [{ name: 'all', amount: 5, period: 'month' }] }),
  supporting: [countersPlugin(new BucketTable()), pricesPlugin(), openaiDialect()],
})

afterEach(() => vi.useRealTimers())

/** Of the clock, only what time it is. */
const at = (time: string): void => void vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(time) })
const rules = (...list: NonNullable<BudgetOptions['rules']>): { options: BudgetOptions } => ({
  options: { rules: list },
})
const total = (amount: number) => ({ name: 'all', amount, period: 'total' })
const message = (reply: { json(): unknown }): string => (reply.json() as { error: { message: string } }).error.message

describe('a budget', () => {
  test('is charged with what an answer cost, also a streamed one', async () => {
    await using on = await stage(rules(total(1)))
    await on.ask()
    expect(on.left('limit-budget|rule|all|total:|', 1)).toBe(1e9 - 10 * INPUT - 50 * OUTPUT)
    await on.ask(undefined, { stream: true, stream_options: { include_usage: true } })
    expect(on.left('limit-budget|rule|all|total:|', 1)).toBe(1e9 - 20 * INPUT - 100 * OUTPUT)
  })

  test.each([
    ['refused by the upstream', json({ error: { message: 'no' } }, { status: 400 })],
    ['failed', resetBeforeHeaders()],
  ])('is charged with nothing for what %s', async (_, reply) => {
    await using on = await stage(rules(total(1)))
    on.upstream.reply(reply)
    await on.ask()
    expect(on.left('limit-budget|rule|all|total:|', 1)).toBe(1e9)
  })

  test('refuses what it does not hold, and says what is left and when it is renewed', async () => {
    at('2026-11-20T12:00:00Z')
    await using on = await stage(rules({ name: 'daily', amount: 0.001, period: 'day' }))
    expect((await on.ask(undefined, { max_tokens: 80 })).status).toBe(200)
    const refused = await on.ask(undefined, { max_tokens: 80 })
    expect(refused.status).toBe(402)
    expect(refused.json().error).toMatchObject({ code: 'budget_exceeded' })
    expect(message(refused)).toMatch(
      /up to \$0\.00082, and \$0\.00049 of the budget "daily" of \$0\.001 a day are left/,
    )
    expect(message(refused)).toContain('2026-11-21T00:00:00.000Z')
    expect(refused.headers['retry-after']).toBe(String(12 * 3600))
    expect((await on.ask(undefined, { max_tokens: 40 })).status).toBe(200)
    at('2026-11-21T00:00:00Z')
    expect((await on.ask(undefined, { max_tokens: 80 })).status).toBe(200)
  })

  test('that could never hold a request says so', async () => {
    await using on = await stage(rules(total(0.0005)))
    const refused = await on.ask()
    expect([refused.status, message(refused)]).toEqual([
      402,
      expect.stringMatching(/up to \$0\.001, more than the budget "all" of \$0\.0005 in total ever holds/),
    ])
  })

  test('of which nothing is left lets nothing through, whatever it costs', async () => {
    await using on = await stage(rules(total(0.0005)))
    on.upstream.reply(answer(0, 5000))
    expect((await on.ask(undefined, { max_tokens: 10 })).status).toBe(200)
    for (const model of ['m', 'free']) {
      const refused = await on.ask(undefined, { model, max_tokens: 1 })
      expect([refused.status, message(refused)]).toEqual([
        402,
        expect.stringMatching(/spent or reserved. It is not renewed/),
      ])
    }
  })

  test('that rolls comes back evenly', async () => {
    at('2026-11-20T12:00:00Z')
    await using on = await stage(rules({ name: 'rolling', amount: 0.001, period: '10d' }))
    on.upstream.reply(answer(0, 100))
    expect((await on.ask(undefined, { max_tokens: 90 })).status).toBe(200)
    const refused = await on.ask(undefined, { max_tokens: 40 })
    expect([refused.status, message(refused)]).toEqual([
      402,
      expect.stringMatching(/"rolling" of \$0\.001 in 10 days is spent.*try again in \d+ min/),
    ])
    at('2026-11-25T12:00:00Z')
    expect((await on.ask(undefined, { max_tokens: 45 })).status).toBe(200)
  })

  test('may be increased for a while', async () => {
    at('2026-11-20T12:00:00Z')
    const increase = { amount: 0.001, until: '2026-11-20T18:00:00Z' }
    await using on = await stage(rules({ name: 'd', amount: 0.001, period: 'day', increase }))
    on.upstream.reply(answer(0, 90))
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await on.ask(undefined, { max_tokens: 90 })).status)
    expect(statuses).toEqual([200, 200, 402])
    at('2026-11-20T18:00:00Z')
    expect(message(await on.ask(undefined, { max_tokens: 1 }))).toContain('spent')
  })

  test('reserves the price of the dearest candidate', async () => {
    await using on = await stage(rules(total(0.005)))
    expect((await on.ask(undefined, { max_tokens: 400 })).status).toBe(200)
    expect((await on.ask(undefined, { max_tokens: 400, model: 'mixed' })).status).toBe(402)
  })
})

describe('requests that do not limit their output', () => {
  test('are taken to need less before they are refused', async () => {
    await using on = await stage(rules(total(0.01)))
    expect((await on.ask(undefined, { max_tokens: null })).status).toBe(200)
    expect(on.left('limit-budget|rule|all|total:|', 0.01)).toBe(0.01 * 1e9 - 10 * INPUT - 50 * OUTPUT)
  })

  test('are refused where the budget would not hold even that', async () => {
    await using on = await stage({ options: { ...rules(total(0.005)).options, leastOutput: 500 } })
    expect((await on.ask(undefined, { max_tokens: null })).status).toBe(402)
    expect((await on.ask(undefined, { max_tokens: 490 })).status).toBe(200)
  })
})

describe('whose', () => {
  const alice: Principal = {
    id: 'alice',
    key: 'key_a',
    team: 'red',
    tags: ['x'],
    scopes: [
      { kind: 'key', id: 'key_a', sections: { budget: { amount: 1, period: 'month' } } },
      { kind: 'team', id: 'red', sections: { budget: { amount: 0.0015, period: 'total' } } },
    ],
  }
  const bob: Principal = {
    id: 'bob',
    key: 'key_b',
    team: 'red',
    scopes: [{ kind: 'key', id: 'key_b', sections: {} }, alice.scopes![1]!],
  }
  const callers = { alice, bob }

  test('keys and teams have budgets of their own, and all must hold', async () => {
    at('2026-11-20T12:00:00Z')
    await using on = await stage({ callers })
    expect((await on.ask('alice')).status).toBe(200)
    expect(on.left('limit-budget|key|month:2026-11|key_a', 1)).toBe(1e9 - 10 * INPUT - 50 * OUTPUT)
    const refused = await on.ask('bob')
    expect([refused.status, message(refused)]).toEqual([402, expect.stringContaining('"team"')])
    expect(on.left('limit-budget|team|total:|red', 0.0015)).toBe(1_500_000 - 10 * INPUT - 50 * OUTPUT)
  })

  test.each<[NonNullable<NonNullable<BudgetOptions['rules']>[number]['per']>, number]>([
    [['key'], 200],
    [['team'], 402],
    [['global'], 402],
    [['tag'], 200],
    [['model', 'key'], 200],
  ])('per %j', async (per, status) => {
    const without = (principal: Principal): Principal => ({ ...principal, scopes: [] })
    await using on = await stage({
      callers: { alice: without(alice), bob: without(bob) },
      ...rules({ name: 'r', per, amount: 0.0015, period: 'total' }),
    })
    expect((await on.ask('alice')).status).toBe(200)
    expect((await on.ask('alice')).status).toBe(402)
    expect((await on.ask('bob')).status).toBe(status)
  })

  test('a budget that cannot be read lets nobody through', async () => {
    const broken: Principal = { id: 'x', scopes: [{ kind: 'key', id: 'k', sections: { budget: { amount: 'all' } } }] }
    await using on = await stage({ callers: { broken } })
    expect((await on.ask('broken')).status).toBe(500)
    expect(on.upstream.requests).toHaveLength(0)
  })
})

describe('an unknown price', () => {
  test('counts as nothing, and is told once', async () => {
    await using on = await stage(rules(total(1)))
    await on.ask(undefined, { model: 'free' })
    await on.ask(undefined, { model: 'free' })
    expect(on.left('limit-budget|rule|all|total:|', 1)).toBe(1e9)
    expect(on.gateway.log.entries.filter(({ target }) => target === 'openai/free')).toHaveLength(1)
  })

  test('keeps a target from being used, if that is wanted', async () => {
    await using on = await stage({ options: { ...rules(total(1)).options, unknownPrice: 'refuse' } })
    expect((await on.ask(undefined, { model: 'half' })).headers['x-sluice-model']).toBe('openai/m')
    const refused = await on.ask(undefined, { model: 'free' })
    expect([refused.status, message(refused)]).toEqual([402, expect.stringContaining('"free"')])
  })
})

describe('an alert', () => {
  test('is given once a period, to the log and the audit trail', async () => {
    at('2026-11-20T12:00:00Z')
    const events: AuditEvent[] = []
    const audit = definePlugin({
      name: 'test-audit',
      version: '0.1.0',
      api: 1,
      provides: [Audit],
      setup: ({ provide }) => provide(Audit, { record: (event) => Promise.resolve(void events.push(event)) }),
    })
    await using on = await stage({
      plugins: [audit()],
      ...rules({ name: 'soft', amount: 0.003, period: 'day', softAt: 0.5 }),
    })
    const alerts = (): number => on.gateway.log.entries.filter(({ budget }) => budget === 'soft').length
    await on.ask()
    await on.ask()
    expect(alerts()).toBe(0)
    for (let i = 0; i < 2; i++) await on.ask(undefined, { max_tokens: 60 })
    await expect.poll(alerts).toBe(1)
    expect(events).toMatchObject([
      {
        action: 'budgets.alert',
        actor: 'anonymous',
        outcome: 'done',
        details: { budget: 'soft', used: '$0.0015', amount: '$0.003' },
      },
    ])
    at('2026-11-21T12:00:00Z')
    for (let i = 0; i < 3; i++) await on.ask(undefined, { max_tokens: 60 })
    await expect.poll(alerts).toBe(2)
  })
})

describe('counters out of reach', () => {
  const gone = (): Promise<never> => Promise.reject(new Error('no connection'))
  const out = { reserve: gone, settle: gone, read: gone, reset: gone } as Counters

  test.each([
    ['refuse', 503],
    ['allow', 200],
  ] as const)('%s', async (whenUnavailable, status) => {
    await using on = await stage({ options: { ...rules(total(1)).options, whenUnavailable }, counters: () => out })
    const replies = [await on.ask(), await on.ask()]
    expect(replies.map((reply) => reply.status)).toEqual([status, status])
    expect(on.gateway.log.entries.filter(({ level }) => level === 'warn')).toHaveLength(1)
    if (status === 503) expect(replies[0]!.headers['retry-after']).toBe('5')
  })
})

describe('at boot', () => {
  test.each<[string, BudgetOptions, RegExp]>([
    ['a name twice', { rules: [total(1), total(2)] }, /another rule is called/],
    ['a period that is none', { rules: [{ name: 'a', amount: 1, period: 'year' }] }, /not of the form day/],
    ['a time zone that is none', { timeZone: 'Mars/Olympus' }, /no time zone/],
    [
      'a date that is none',
      { rules: [{ ...total(1), increase: { amount: 1, until: '2026-13-41T00:00:00Z' } }] },
      /no such day/,
    ],
  ])('%s is refused', async (_, options, text) => {
    const error = await stage({ options }).then(
      () => 'booted',
      (error: Error & { problems: string[] }) => error.problems.join('\n'),
    )
    expect(error).toMatch(text)
  })
})
