import { definePlugin } from '@sluice/core'
import type { PluginInstance } from '@sluice/core'
import { json, rateLimited, testPlugin } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { Health, STRATEGY, TargetStats } from '@sluice/route-kit'
import type { TargetStats as Stats } from '@sluice/route-kit'
import { describe, expect, test } from 'vitest'
import { balance } from '../src/index.ts'
import { answer, stage } from './support/stage.ts'

testPlugin({ test, plugin: balance({ strategy: 'weighted' }), supporting: [openaiDialect()] })

/** Hands out what balance measures. */
function statistics(): { plugin: PluginInstance; stats: () => Stats } {
  let stats: Stats | undefined
  const plugin = definePlugin({
    name: 'test-stats',
    version: '1.0.0',
    api: 1,
    requires: [TargetStats],
    setup: ({ get }) => void (stats = get(TargetStats)),
  })
  return { plugin: plugin(), stats: () => stats! }
}

const TARGETS = ['a/m', 'b/m', 'c/m']
const failing = json({ error: { message: 'No.' } }, { status: 500 })

describe('a gateway', () => {
  test('takes its targets in turn', async () => {
    await using on = await stage({ options: { strategy: 'round-robin' } })
    expect(await on.served(7)).toBe('abcabca')
  })

  test('has for each model what its section says, and else what the options say', async () => {
    await using on = await stage({
      options: { strategy: 'round-robin', require: { tags: ['x'] } },
      models: {
        m: { targets: TARGETS.map((target) => ({ target, tags: ['x'] })) },
        n: { targets: TARGETS.map((target) => ({ target, tags: ['x'] })), route: { strategy: 'ordered' } },
        o: {
          targets: [
            { target: 'a/m', tags: ['x'] },
            { target: 'b/m', tags: ['x', 'y'] },
          ],
          route: { require: { tags: ['y'] } },
        },
      },
    })
    expect(await on.served(3)).toBe('abc')
    for (const [model, served] of [
      ['n', 'a/m'],
      ['n', 'a/m'],
      ['o', 'b/m'],
      ['o', 'b/m'],
    ]) {
      expect((await on.ask({ model })).headers['x-sluice-model']).toBe(served)
    }
  })

  test('falls back in the order that the strategy made', async () => {
    await using on = await stage({
      options: { strategy: 'sticky', sticky: { by: ['header:x-thread'] } },
    })
    const [own = ''] = await on.served(1, { 'x-thread': 't' })
    on.upstreams['abc'.indexOf(own)]!.reply(failing)
    const second = await on.served(10, { 'x-thread': 't' })
    expect(new Set(second).size).toBe(1)
    expect(second).not.toContain(own)
    expect(on.upstreams['abc'.indexOf(own)]!.requests.length).toBe(1 + 5) // five failures, then it is left alone
  })

  test('leaves a target alone for as long as it asks', async () => {
    await using on = await stage()
    on.upstreams[0]!.reply(rateLimited(20), answer)
    expect(await on.served(5)).toBe('bbbbb')
    expect(on.upstreams[0]!.requests).toHaveLength(1)
  })

  test('follows the strategy that another plugin names for an exchange', async () => {
    const chooser = definePlugin({
      name: 'test-chooser',
      version: '1.0.0',
      api: 1,
      setup: ({ hooks }) =>
        hooks.beforeRoute.tap({ name: 'choose', stage: 'first' }, (_targets, exchange) =>
          exchange.set(STRATEGY, 'round-robin'),
        ),
    })
    await using on = await stage({ plugins: [chooser()] })
    expect(await on.served(4)).toBe('abca')
  })

  test('tries a target with an open circuit last', async () => {
    const breaker = definePlugin({
      name: 'test-breaker',
      version: '1.0.0',
      api: 1,
      provides: [Health],
      setup: ({ provide }) => provide(Health, { state: ({ provider }) => ({ open: provider !== 'c' }) }),
    })
    await using on = await stage({ plugins: [breaker()] })
    expect(await on.served(2)).toBe('cc')
    on.upstreams[2]!.reply(failing)
    expect(await on.served(2)).toBe('aa')
  })

  test('measures streams by their first byte, and other answers by their end', async () => {
    const { plugin, stats } = statistics()
    await using on = await stage({ plugins: [plugin] })
    const figures = () => stats().of({ provider: 'a', model: 'm' })
    expect(figures()).toMatchObject({ samples: 0, ttftMs: undefined, totalMs: undefined })
    await on.ask({ stream: true })
    expect(figures()).toMatchObject({ samples: 1, inFlight: 0, errorRate: 0, totalMs: undefined })
    expect(figures().ttftMs).toBeGreaterThan(0)
    await on.ask()
    expect(figures().totalMs).toBeGreaterThan(0)
    await expect.poll(() => figures().tokensPerSecond).toBeGreaterThan(0)
    on.upstreams[0]!.reply(failing)
    await on.ask()
    expect(figures().errorRate).toBeGreaterThan(0)
  })

  test('counts attempts under way', async () => {
    const { plugin, stats } = statistics()
    await using on = await stage({ plugins: [plugin] })
    const held = Promise.withResolvers<void>()
    on.upstreams[0]!.reply(async (request, response) => {
      await held.promise
      await answer(request, response)
    })
    const replies = [on.ask(), on.ask(), on.ask()]
    await on.upstreams[0]!.request(2)
    expect(stats().of({ provider: 'a', model: 'm' }).inFlight).toBe(3)
    held.resolve()
    await Promise.all(replies)
    expect(stats().of({ provider: 'a', model: 'm' }).inFlight).toBe(0)
  })

  test('counts both of two calls that are hedged, and neither afterwards', async () => {
    const { plugin, stats } = statistics()
    const hedger = definePlugin({
      name: 'test-hedger',
      version: '1.0.0',
      api: 1,
      setup: ({ hooks }) =>
        hooks.beforeAttempt.tap('hedge', (attempt) => {
          if (attempt.number === 1) attempt.hedgeAfter = 1
        }),
    })
    await using on = await stage({ plugins: [plugin, hedger()] })
    const figures = () => ['a', 'b'].map((provider) => stats().of({ provider, model: 'm' }))
    const held = Promise.withResolvers<void>()
    on.upstreams[0]!.reply(() => held.promise)
    on.upstreams[1]!.reply(async (request, response) => {
      expect(figures()).toMatchObject([{ inFlight: 1 }, { inFlight: 1 }])
      await answer(request, response)
    })
    expect((await on.ask()).headers['x-sluice-model']).toBe('b/m')
    held.resolve()
    await expect.poll(figures).toMatchObject([{ inFlight: 0 }, { inFlight: 0, samples: 1 }])
    for (const { totalMs } of figures()) expect(totalMs).toBeGreaterThan(0)
  })

  test('does not blame a target for what its client did wrong', async () => {
    const { plugin, stats } = statistics()
    await using on = await stage({ plugins: [plugin] })
    on.upstreams[0]!.reply(json({ error: { message: 'Bad.', type: 'invalid_request_error' } }, { status: 400 }))
    for (let n = 0; n < 10; n++) expect((await on.ask()).status).toBe(400)
    expect(stats().of({ provider: 'a', model: 'm' })).toMatchObject({ errorRate: 0, samples: 0 })
    expect(on.upstreams[1]!.requests).toEqual([])
  })

  test('serves targets that clients name themselves', async () => {
    await using on = await stage({ options: { strategy: 'latency' } })
    expect((await on.ask({ model: 'b/whatever' })).headers['x-sluice-model']).toBe('b/whatever')
  })
})

describe('a client', () => {
  test('is told that its request is too long for all, in the words that it knows', async () => {
    const about = { contextWindow: 100 }
    await using on = await stage({ models: { m: { targets: [{ target: 'a/m', about }] } } })
    const reply = await on.ask({ messages: [{ role: 'user', content: 'word '.repeat(300) }] })
    expect(reply.status).toBe(400)
    expect(reply.json()['error']).toMatchObject({
      type: 'invalid_request_error',
      code: 'invalid_request',
      param: 'messages',
      message: expect.stringContaining('maximum context length is 100 tokens'),
    })
    expect(on.upstreams[0]!.requests).toEqual([])
  })

  test('is sent to a target that can see what it shows', async () => {
    const target = (id: string, ...capabilities: string[]) => ({ target: `${id}/m`, about: { capabilities } })
    await using on = await stage({ models: { m: { targets: [target('a'), target('b', 'vision'), 'c/m'] } } })
    const content = [{ type: 'image_url', image_url: { url: 'https://example.com/x.png' } }]
    const reply = await on.ask({ messages: [{ role: 'user', content }] })
    expect(reply.headers['x-sluice-model']).toBe('b/m')
    expect((await on.ask()).headers['x-sluice-model']).toBe('a/m')
  })

  test('keeps its data where its key says, and is told if that is nowhere', async () => {
    const models = {
      m: {
        targets: [
          { target: 'a/m', region: 'us-east-1' },
          { target: 'b/m', region: 'eu-west-1' },
        ],
      },
      far: { targets: [{ target: 'a/m', region: 'us-east-1' }, 'c/m'] },
    }
    const principal = { metadata: { 'data-policy': { regions: ['eu-*'] } } }
    await using on = await stage({ models, principal })
    expect((await on.ask()).headers['x-sluice-model']).toBe('b/m')
    const refused = await on.ask({ model: 'far' })
    expect(refused.status).toBe(503)
    expect(refused.text).toMatch(/a\/m: its region us-east-1 is not eu-\*; c\/m: its region is not known/)
    expect((await on.ask({ model: 'c/m' })).status).toBe(503)
    expect(on.upstreams[0]!.requests.length + on.upstreams[2]!.requests.length).toBe(0)
  })

  test('whose policy makes no sense goes nowhere, and the log says why', async () => {
    await using on = await stage({ principal: { metadata: { 'data-policy': { region: 'eu' } } } })
    expect((await on.ask()).status).toBe(500)
    expect(on.gateway.log.text()).toContain('data-policy')
    expect(on.upstreams.flatMap(({ requests }) => requests)).toEqual([])
  })

  test('is told when a target has room again', async () => {
    await using on = await stage({ models: { m: { targets: [{ target: 'a/m', requests: 1 }] } } })
    expect((await on.ask()).status).toBe(200)
    const reply = await on.ask()
    expect(reply.status).toBe(503)
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(50)
  })
})
