import { definePlugin, GatewayError } from '@sluice/core'
import type { PluginInstance, Principal, Target } from '@sluice/core'
import { json } from '@sluice/core/testing'
import { simulatedExchange } from '@sluice/route-kit/testing'
import { describe, expect, test } from 'vitest'
import { routerOf } from './support/router.ts'
import { anthropicAnswer, fails, openaiAnswer, QUICK, stage, textOf } from './support/stage.ts'
import type { ResilienceOptions, StageOptions } from './support/stage.ts'

const TOO_LONG = fails(400, { message: 'Too long', code: 'context_length_exceeded' })
const FILTERED = fails(400, { message: 'No', code: 'content_filter' })
const once = { ...QUICK, retries: { max: 0 } }

/** Models of one target each, by the provider behind them. */
const models = (sections: { readonly [model: string]: object } = {}): NonNullable<StageOptions['models']> =>
  Object.fromEntries(
    Object.entries({ x: 'a/x', y: 'b/y', z: 'c/z' }).map(([name, target]) => [
      name,
      { targets: [target], ...(sections[name] && { resilience: sections[name] }) },
    ]),
  )

describe('fallbacks', () => {
  test('are gone to, in their order, when no target of the model answers', async () => {
    await using on = await stage({ options: once, models: models({ x: { fallbacks: ['y', 'c/z'] } }) })
    on.a.reply(fails(500))
    on.b.reply(fails(529))
    const answer = await on.ask({ model: 'x' })
    expect(textOf(answer)).toBe('from c')
    expect(answer.headers).toMatchObject({ 'x-sluice-model': 'c/z', 'x-sluice-attempts': '3' })
    expect(on.c.requests[0]!.json()['model']).toBe('z')
  })

  test('come after calls again of the model itself', async () => {
    await using on = await stage({ models: models({ x: { fallbacks: ['y'], retries: { ...QUICK.retries, max: 1 } } }) })
    on.a.reply(fails(500))
    expect(textOf(await on.ask({ model: 'x' }))).toBe('from b')
    expect(on.a.requests).toHaveLength(2)
  })

  test('all have their turn before calls again use up what a request may have', async () => {
    await using on = await stage({
      options: { ...QUICK, maxAttempts: 4 },
      models: models({ x: { fallbacks: ['y', 'z'] } }),
    })
    on.a.reply(fails(500))
    on.b.reply(fails(500))
    expect(textOf(await on.ask({ model: 'x' }))).toBe('from c')
    expect([on.a, on.b, on.c].map(({ requests }) => requests.length)).toEqual([2, 1, 1])
  })

  test('have fallbacks of their own, and lead in no circle', async () => {
    const chain = { x: { fallbacks: ['y'] }, y: { fallbacks: ['z', 'x'] }, z: { fallbacks: ['x', 'y', 'z'] } }
    await using on = await stage({ options: once, models: models(chain) })
    on.a.reply(fails(500))
    on.b.reply(fails(500))
    on.c.reply(fails(529))
    expect((await on.ask({ model: 'x' })).status).toBe(529)
    expect([on.a, on.b, on.c].map(({ requests }) => requests.length)).toEqual([1, 1, 1])
  })

  test('of all models are in the options', async () => {
    await using on = await stage({ options: { ...once, fallbacks: ['z'] }, models: models() })
    on.a.reply(fails(500))
    expect(textOf(await on.ask({ model: 'x' }))).toBe('from c')
    on.c.reply(fails(500))
    expect((await on.ask({ model: 'z' })).status).toBe(500)
    expect(on.c.requests).toHaveLength(2)
  })

  test('are gone to at once while the circuit of the only target is open', async () => {
    await using on = await stage({ options: once, models: models({ x: { fallbacks: ['y'] } }) })
    on.a.reply(fails(401))
    await on.ask({ model: 'x' })
    const answer = await on.ask({ model: 'x' })
    expect(answer.headers).toMatchObject({ 'x-sluice-model': 'b/y', 'x-sluice-attempts': '1' })
  })

  test('that fail, too, leave the client with the last error that tells it something', async () => {
    const cannot = definePlugin({
      name: 'test-cannot',
      version: '0.1.0',
      api: 1,
      setup: ({ hooks }) =>
        hooks.beforeAttempt.tap('no', ({ target }) => {
          if (target.provider === 'b') throw new GatewayError('rate_limit_exceeded', 'No room at b.')
        }),
    })
    await using on = await stage({
      options: once,
      models: models({ x: { fallbacks: ['y'] } }),
      plugins: [cannot()],
    })
    on.a.reply(fails(529, { message: 'Busy at a.' }))
    const answer = await on.ask({ model: 'x' })
    expect(answer.status).toBe(529)
    expect(answer.text).toContain('Busy at a.')
  })
})

describe('a request that is refused for what it is', () => {
  const section = { x: { contextWindowFallbacks: ['z'], contentPolicyFallbacks: ['y'], fallbacks: ['c/other'] } }

  test.each([
    ['too long', TOO_LONG, 'from c', 'c/z'],
    ['filtered', FILTERED, 'from b', 'b/y'],
  ])('as %s goes to models that are made for it', async (_, reply, text, served) => {
    await using on = await stage({ options: once, models: models(section) })
    on.a.reply(reply)
    for (const stream of [false, true]) {
      const answer = await on.ask({ model: 'x', stream })
      expect(textOf(answer)).toBe(text)
      expect(answer.headers['x-sluice-model']).toBe(served)
    }
  })

  test.each([
    ['too long', TOO_LONG],
    ['filtered', FILTERED],
  ])('as %s goes nowhere else', async (_, reply) => {
    await using on = await stage({ options: once, models: models({ x: { fallbacks: ['y', 'z'] } }) })
    on.a.reply(reply)
    expect((await on.ask({ model: 'x' })).status).toBe(400)
    expect([on.b.requests.length, on.c.requests.length]).toEqual([0, 0])
  })

  test('as too long goes to a target of the same model that holds more', async () => {
    const targets = [
      { target: 'a/m', about: { contextWindow: 8_000 } },
      { target: 'b/m', about: { contextWindow: 8_000 } },
      { target: 'c/m', about: { contextWindow: 200_000 } },
    ]
    await using on = await stage({ options: once, models: { m: { targets } } })
    on.a.reply(TOO_LONG)
    expect(textOf(await on.ask())).toBe('from c')
    expect(on.b.requests).toHaveLength(0)
  })

  test('is told so if nobody takes it', async () => {
    await using on = await stage({ options: once, models: models(section) })
    on.a.reply(TOO_LONG)
    on.c.reply(fails(400, { message: 'prompt is too long: 2 tokens > 1 maximum', type: 'invalid_request_error' }))
    const answer = await on.ask({ model: 'x' })
    expect(answer.status).toBe(400)
    expect([on.a, on.b, on.c].map(({ requests }) => requests.length)).toEqual([1, 0, 1])
  })
})

describe('where money is short', () => {
  const poor = (provider: string): PluginInstance =>
    definePlugin({
      name: 'test-poor',
      version: '0.1.0',
      api: 1,
      setup: ({ hooks }) =>
        hooks.beforeAttempt.tap('no', ({ target }) => {
          if (target.provider === provider) throw new GatewayError('budget_exceeded', 'No money for this.')
        }),
    })()
  const section = { m: { targets: ['a/m'], resilience: { budgetFallbacks: ['z'], fallbacks: ['y'] } } }

  test('by a 402 of the upstream, the request goes to a cheaper model before all others', async () => {
    await using on = await stage({ options: once, models: { ...models(), ...section } })
    on.a.reply(fails(402))
    expect(textOf(await on.ask())).toBe('from c')
    expect(on.b.requests).toHaveLength(0)
  })

  test('by a budget, too, and the dear target is not called', async () => {
    await using on = await stage({ options: once, models: { ...models(), ...section }, plugins: [poor('a')] })
    expect(textOf(await on.ask())).toBe('from c')
    expect(on.a.requests).toHaveLength(0)
  })

  test('another target of the same model comes first', async () => {
    const targets = { m: { ...section.m, targets: ['a/m', 'b/m'] } }
    await using on = await stage({ options: once, models: { ...models(), ...targets }, plugins: [poor('a')] })
    expect(textOf(await on.ask())).toBe('from b')
  })

  test('without a cheaper model the others are asked', async () => {
    await using on = await stage({ options: once, models: models({ x: { fallbacks: ['y'] } }), plugins: [poor('a')] })
    expect(textOf(await on.ask({ model: 'x' }))).toBe('from b')
  })
})

/** Leaves the targets of these providers. */
const only = (...providers: readonly string[]): PluginInstance =>
  definePlugin({
    name: 'test-only',
    version: '0.1.0',
    api: 1,
    setup: ({ hooks }) =>
      hooks.beforeRoute.tap({ name: 'only', stage: 'last' }, (targets) =>
        targets.filter(({ provider }) => providers.includes(provider)),
      ),
  })()

test('targets that later plugins leave out are no fallbacks', async () => {
  await using on = await stage({
    options: { ...once, contextWindowFallbacks: ['y', 'z'] },
    models: models({ x: { fallbacks: ['y', 'z'] } }),
    plugins: [only('a', 'c')],
  })
  on.a.reply(fails(500))
  expect(textOf(await on.ask({ model: 'x' }))).toBe('from c')
  on.a.reply(TOO_LONG)
  expect(textOf(await on.ask({ model: 'x' }))).toBe('from c')
  expect(on.b.requests).toHaveLength(0)
})

test('a fallback that may be back is tried by one request at a time', () => {
  let now = 0
  const clock = { now: () => now, random: () => 0 }
  const [own, near, far] = ['a', 'b', 'c'].map((provider) => ({ provider, model: 'm' })) as [Target, Target, Target]
  const options = { fallbacks: ['y', 'z'] }
  const { router, health } = routerOf({ options, models: { y: [near], z: [far] }, clock })
  health.of(own).breaker.open('it fails', 60_000, now)
  health.of(near).breaker.open('it fails', 1_000, now)
  now = 1_000
  const first = (): Target | undefined => router.beforeRoute!([own], simulatedExchange())?.[0]
  expect([first(), first()]).toEqual([near, far])
})

test('a target whose circuit is open is called if later plugins leave no other', async () => {
  await using on = await stage({ options: once, plugins: [only('a')] })
  on.a.reply(fails(401), openaiAnswer('back'))
  expect((await on.ask()).status).toBe(502)
  expect(textOf(await on.ask())).toBe('back')
})

describe('a config', () => {
  test.each<[string, StageOptions, RegExp]>([
    [
      'with a fallback that is no model',
      { models: { ...models(), mine: { targets: ['a/m'], resilience: { fallbacks: ['mime'] } } } },
      /models\[mine\]\.resilience\.fallbacks\[0\]: there is no model "mime"\. Did you mean "mine"\?/,
    ],
    [
      'with a fallback at an unknown provider',
      { options: { budgetFallbacks: ['aa/m'] } },
      /plugins\[route-resilience\]\.budgetFallbacks\[0\].*Did you mean "a"\?/,
    ],
    [
      'that probes a target of no provider',
      { options: { probes: { targets: ['nobody/m'] } } },
      /probes\.targets\[0\]: there is no model "nobody\/m"/,
    ],
    [
      'with an option that there is not',
      { models: { m: { targets: ['a/m'], resilience: { fallback: ['a/x'] } } } },
      /Did you mean "fallbacks"/,
    ],
  ])('%s is refused', async (_, settings, words) => {
    const error = await stage(settings).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(GatewayError.is(error) && error.problems.join('\n')).toMatch(words)
  })
})

describe('models that the client lists', () => {
  const callers: { [name: string]: Principal } = { free: { id: 'free' }, bound: { id: 'bound' } }
  /** `bound` may use x and y. */
  const guard = definePlugin({
    name: 'test-guard',
    version: '0.1.0',
    api: 1,
    setup: ({ hooks }) =>
      hooks.authorize.tap('bound', ({ principal, model }) => {
        if (principal.id === 'bound' && !['x', 'y'].includes(model))
          throw new GatewayError('permission_denied', `You may not use "${model}".`)
      }),
  })
  const settings = (options: ResilienceOptions = once): StageOptions => ({
    options,
    models: models(),
    callers,
    plugins: [guard()],
  })
  const as = (caller: string) => ({ headers: { 'x-caller': caller } })

  test('are asked after the one it named, whatever went wrong; the field goes to no upstream', async () => {
    await using on = await stage(settings())
    for (const reply of [fails(500), TOO_LONG, FILTERED, fails(402)]) {
      on.a.reply(reply)
      const answer = await on.ask({ model: 'x', models: ['x', 'y'], stream: true }, as('free'))
      expect(textOf(answer)).toBe('from b')
      expect(answer.headers['x-sluice-model']).toBe('b/y')
    }
    for (const request of [...on.a.requests, ...on.b.requests]) expect(request.json()).not.toHaveProperty('models')
  })

  test('are not asked if the one it named answers', async () => {
    await using on = await stage(settings())
    expect(textOf(await on.ask({ model: 'x', models: ['y', 'z'] }, as('free')))).toBe('from a')
    expect(on.a.requests[0]!.json()).not.toHaveProperty('models')
    expect([on.b.requests.length, on.c.requests.length]).toEqual([0, 0])
  })

  test('must all be open to the caller', async () => {
    await using on = await stage(settings())
    const refused = await on.ask({ model: 'x', models: ['y', 'z'] }, as('bound'))
    expect([refused.status, refused.json()['error']]).toMatchObject([403, { code: 'permission_denied' }])
    on.a.reply(fails(500))
    expect(textOf(await on.ask({ model: 'x', models: ['y'] }, as('bound')))).toBe('from b')
    expect(on.c.requests).toHaveLength(0)
  })

  test.each([
    ['must exist', ['yy'], 404, /Did you mean "y"/],
    ['must be a list', 'y', 400, /"models" must be a list/],
    ['must be names', ['y', 7], 400, /models\[1\]/],
    ['may not be too many', ['x', 'y', 'z', 'a/1', 'a/2', 'a/3'], 400, /5 models/],
  ])('%s', async (_, list, status, words) => {
    await using on = await stage(settings())
    const answer = await on.ask({ model: 'x', models: list }, as('free'))
    expect(answer.status).toBe(status)
    expect((answer.json()['error'] as { message: string }).message).toMatch(words)
    expect(on.a.requests).toHaveLength(0)
  })

  test('are the upstream’s business if the operator says so', async () => {
    await using on = await stage(settings({ ...once, clientFallbacks: 0 }))
    await on.ask({ model: 'x', models: ['y'] }, as('free'))
    expect(on.a.requests[0]!.json()['models']).toEqual(['y'])
  })

  test('leave no request of their own in the upstream’s log', async () => {
    await using on = await stage(settings())
    await on.ask({ model: 'x', models: ['y', 'z'] }, as('free'))
    expect([on.a, on.b, on.c].map(({ requests }) => requests.length)).toEqual([1, 0, 0])
  })
})

test('a fallback in another dialect is asked in that one, from a fresh copy of the request', async () => {
  await using on = await stage({ options: once, models: models({ x: { fallbacks: ['z', 'y'] } }) })
  on.a.reply(fails(500))
  on.c.reply(fails(500))
  on.b.reply(openaiAnswer('at last'))
  const answer = await on.ask({ model: 'x', logit_bias: { 1: 2 }, max_tokens: 9 })
  expect(textOf(answer)).toBe('at last')
  expect(on.b.requests[0]!.json()).toMatchObject({ model: 'y', logit_bias: { 1: 2 }, max_tokens: 9 })
  expect(answer.headers['x-sluice-dropped-params']).toBeUndefined()
  on.c.reply(anthropicAnswer('translated'))
  const dropped = await on.ask({ model: 'x', logit_bias: { 1: 2 }, max_tokens: 9 })
  expect(dropped.headers['x-sluice-dropped-params']).toBe('logit_bias')
  on.a.reply(json({}))
})
