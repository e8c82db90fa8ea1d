import type { Gateway, JsonObject, Principal } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { Health } from '@sluice/route-kit'
import type { HealthState } from '@sluice/route-kit'
import { definePlugin } from '@sluice/core'
import { describe, expect, test, vi } from 'vitest'
import { TargetsHealth } from '../src/health.ts'
import { Prober } from '../src/prober.ts'
import { breakerOf, budgetOf } from '../src/settings.ts'
import { apply, isNews, newsOf } from '../src/shared-health.ts'
import { fails, QUICK, rateLimitedOnce, stage, textOf } from './support/stage.ts'

const PATH = '/admin/v1/routing/circuits'
const callers: { [name: string]: Principal } = {
  reader: { id: 'reader', permissions: ['routing:read'] },
  writer: { id: 'writer', permissions: ['routing:read', 'routing:write'] },
  nobody: { id: 'nobody' },
}
const as = (caller: string) => ({ headers: { 'x-caller': caller } })

describe('operators', () => {
  test('see how targets are', async () => {
    await using on = await stage({ callers })
    on.a.reply(fails(401))
    await on.ask({}, as('nobody'))
    const { data } = (await on.gateway.request(PATH, as('reader'))).json() as { data: object[] }
    expect(data).toEqual([
      {
        target: 'a/m',
        state: 'open',
        reason: 'it refuses the credential',
        opensFor: expect.closeTo(5, 0),
        calls: 1,
        errorRate: 1,
      },
      { target: 'b/m', state: 'closed', calls: 1, errorRate: 0 },
    ])
  })

  test('take a target out, and back in', async () => {
    await using on = await stage({ callers })
    const put = (body: JsonObject, caller = 'writer') =>
      on.gateway.request(PATH, { method: 'PUT', body, ...as(caller) })
    const out = await put({ target: 'a/m', open: true, for: '1h' })
    expect(out.json()).toMatchObject({ target: 'a/m', state: 'open', reason: 'an operator took it out' })
    expect(textOf(await on.ask({}, as('nobody')))).toBe('from b')
    expect((await put({ target: 'a/m', open: false })).json()).toMatchObject({ state: 'closed' })
    expect(textOf(await on.ask({}, as('nobody')))).toBe('from a')
  })

  test('take out the only target: it is called for want of another, and stays out however well it does', async () => {
    await using on = await stage({ callers, models: { m: { targets: ['a/m'] } } })
    await on.gateway.request(PATH, { method: 'PUT', body: { target: 'a/m', open: true, for: '1h' }, ...as('writer') })
    expect(textOf(await on.ask({}, as('nobody')))).toBe('from a')
    const { data } = (await on.gateway.request(PATH, as('reader'))).json() as { data: object[] }
    expect(data).toMatchObject([{ target: 'a/m', state: 'open', reason: 'an operator took it out' }])
  })

  test('have their way for as long as they said, also where only time passes', () => {
    let now = 0
    const clock = { now: () => now, random: () => 0 }
    const health = new TargetsHealth({ breaker: breakerOf(), budget: budgetOf(), clock })
    const target = { provider: 'a', model: 'm' }
    const day = 86_400_000
    apply('a/m', { for: day, reason: 'an operator took it out', by: 'operator' }, health, now)
    for (; now < day; now += 1_800_000) {
      // Another target is seen for the first time, which is when old ones are forgotten.
      health.of({ provider: 'b', model: String(now) })
      expect(health.state(target).open).toBe(true)
    }
    expect(health.state(target).open).toBe(false)
  })

  test.each([
    ['get', undefined, 'nobody', 403],
    ['put', { target: 'a/m', open: true }, 'reader', 403],
    ['put', { target: 'a', open: true }, 'writer', 400],
    ['put', { target: 'a/m', open: true, for: 'long' }, 'writer', 400],
    ['put', { target: 'a/m' }, 'writer', 400],
  ])('%s %j as %s is %i', async (method, body, caller, status) => {
    await using on = await stage({ callers })
    const reply = await on.gateway.request(PATH, { method: method.toUpperCase(), ...(body && { body }), ...as(caller) })
    expect(reply.status).toBe(status)
  })
})

describe('what one process finds out', () => {
  const clock = { now: () => 1_000, random: () => 0 }
  const made = (): TargetsHealth => new TargetsHealth({ breaker: breakerOf(), budget: budgetOf(), clock })
  const target = { provider: 'a', model: 'models/m' }

  test('is told in ages, and another one takes it over', () => {
    const [here, there] = [made(), made()]
    here.of(target).breaker.open('it fails', 7_000, 1_000)
    const news = JSON.parse(JSON.stringify(newsOf(here.of(target), 3_000))) as unknown
    expect(news).toEqual({ for: 5_000, reason: 'it fails' })
    expect(isNews(news)).toBe(true)
    apply('a/models/m', news as never, there, 100)
    expect(there.state(target)).toMatchObject({ open: true, reason: 'it fails', until: 5_100 })
    here.of(target).breaker.close(4_000)
    apply('a/models/m', newsOf(here.of(target), 4_000), there, 200)
    expect(there.state(target).open).toBe(false)
  })

  test.each(['upstream', 'operator'] as const)('tells who wants it: the %s', (by) => {
    const [here, there] = [made(), made()]
    here.of(target).breaker.open('of late', 7_000, 1_000, by)
    const news = JSON.parse(JSON.stringify(newsOf(here.of(target), 1_000))) as unknown
    expect(isNews(news)).toBe(true)
    apply('a/models/m', news as never, there, 1_000)
    expect(there.of(target).breaker.opened).toMatchObject({ by })
  })

  test.each([
    undefined,
    null,
    7,
    {},
    { for: 1, reason: '', by: 'chance' },
    { for: -1, reason: '' },
    { for: Infinity, reason: '' },
    { for: 1 },
  ])('is not believed if it is %j', (value) => expect(isNews(value)).toBe(false))
})

test('others ask for the health of targets', async () => {
  const states: (() => HealthState)[] = []
  const asks = definePlugin({
    name: 'test-asks',
    version: '0.1.0',
    api: 1,
    requires: [Health],
    setup({ get }) {
      const health = get(Health)
      states.push(() => health.state({ provider: 'a', model: 'm' }))
    },
  })
  await using on = await stage({ plugins: [asks()] })
  expect(states[0]!()).toEqual({ open: false })
  on.a.reply(rateLimitedOnce(60))
  await on.ask()
  expect(states[0]!()).toMatchObject({ open: true, reason: 'it has no capacity left for us' })
  expect(states[0]!().until! - performance.now()).toBeGreaterThan(55_000)
})

describe('a probe', () => {
  const probes = { targets: ['a/m'], interval: '1s', timeout: '50ms' }

  test('finds out that a target is back before any client has to', async () => {
    await using on = await stage({ options: { ...QUICK, breaker: { open: '1h' }, probes } })
    on.a.reply(fails(401))
    await on.ask()
    expect(on.a.requests).toHaveLength(1)
    on.a.reply((request, response) => {
      const body = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [] }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      expect(request.json()).toMatchObject({ model: 'm' })
    })
    await expect.poll(() => on.a.requests.length, { timeout: 5_000 }).toBe(2)
    await expect.poll(async () => (await on.ask()).headers['x-sluice-model']).toBe('a/m')
  })

  test.each([
    ['failures', 1],
    ['upstream', 0],
    ['operator', 0],
  ] as const)('of a target that is out by will of the %s is made %i times', async (by, times) => {
    const clock = { now: () => 1_000, random: () => 0 }
    const health = new TargetsHealth({ breaker: breakerOf(), budget: budgetOf(), clock })
    health.of({ provider: 'a', model: 'm' }).breaker.open('of late', 7_000, 1_000, by)
    const dispatch = vi.fn<Gateway['dispatch']>(() => Promise.reject(new Error('unused')))
    const gateway = { dispatch } as Pick<Gateway, 'dispatch'> as Gateway
    await new Prober({ targets: [], interval: 1_000, timeout: 50, gateway, health, clock }).probe('a/m')
    expect(dispatch).toHaveBeenCalledTimes(times)
  })

  test('is one call, whatever comes of it, and ends with the gateway', async () => {
    const on = await stage({ options: { ...QUICK, fallbacks: ['b/m'], probes } })
    on.a.reply(fails(500))
    await expect.poll(() => on.a.requests.length, { timeout: 5_000 }).toBe(1)
    await expect.poll(() => on.over.length).toBe(1)
    expect(on.over[0]!.principal).toMatchObject({ id: 'health-probe' })
    expect([on.a.requests.length, on.b.requests.length]).toEqual([1, 0])
    await on[Symbol.asyncDispose]()
  })
})

test('the plugin needs neither a store nor a model', async () => {
  const { resilience } = await import('../src/index.ts')
  await using gateway = await createTestGateway({ plugins: [resilience()] })
  expect(gateway.gateway.inspect().capabilities['Health']).toBe('route-resilience')
})
