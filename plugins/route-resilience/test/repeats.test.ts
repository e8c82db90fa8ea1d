import { definePlugin } from '@sluice/core'
import { resetBeforeHeaders } from '@sluice/core/testing'
import { Simulation } from '@sluice/route-kit/testing'
import { describe, expect, test } from 'vitest'
import { routerOf } from './support/router.ts'
import { fails, QUICK, stage } from './support/stage.ts'

describe('what may have been made already is not asked for twice', () => {
  test.each([
    ['batches', { errorRate: 1 }, 1],
    ['files', { trouble: [{ kind: 'hanging' as const, from: 0, until: 1e9 }] }, 1],
    ['batches', { trouble: [{ kind: 'down' as const, from: 0, until: 1e9 }] }, 2],
    ['chat', { errorRate: 1 }, 2],
    ['embeddings', { errorRate: 1 }, 2],
    ['images', { errorRate: 1 }, 2],
  ] as const)('%s at an upstream with %j: %i calls', (operation, behaviour, calls) => {
    const simulation = new Simulation()
    const { router } = routerOf({
      clock: simulation.clock,
      options: { retries: { max: 1 }, breaker: { consecutive: 1e9, minimum: 1e9 }, timeouts: { total: '1s' } },
    })
    const report = simulation.run({
      router,
      upstreams: { 'a/m': behaviour },
      rate: 1,
      duration: 20_000,
      request: () => ({ operation }),
    })
    expect(report.calls('a/m')).toBe(calls * report.outcomes.length)
  })
})

test('a request made on behalf of another is called again by one of them only', async () => {
  const inner = definePlugin({
    name: 'test-inner',
    version: '0.1.0',
    api: 1,
    setup({ addProvider, gateway }) {
      addProvider({
        kind: 'local',
        answer: (request, { exchange, signal }) =>
          gateway.dispatch({ ...request, model: 'single' }, { parent: exchange, signal }),
      })
    },
  })
  await using on = await stage({
    options: { ...QUICK, retries: { ...QUICK.retries, max: 2 } },
    models: { single: 'a/m', outer: 'test-inner/x' },
    plugins: [inner()],
  })
  on.a.reply(fails(500))
  expect((await on.ask({ model: 'outer' })).status).toBe(500)
  expect(on.a.requests).toHaveLength(3)
})

describe('operations beside chat', () => {
  test.each([
    ['/v1/embeddings', { input: 'x' }],
    ['/v1/moderations', { input: 'x' }],
    ['/v1/images/generations', { prompt: 'x' }],
  ])('%s move on, too', async (path, body) => {
    await using on = await stage()
    on.a.reply(resetBeforeHeaders())
    on.b.reply((_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[]}'))
    const answer = await on.gateway.request(path, { body: { model: 'm', ...body } })
    expect(answer.headers).toMatchObject({ 'x-sluice-model': 'b/m', 'x-sluice-attempts': '2' })
  })

  test('whose bodies pass as they are keep a field `models`', async () => {
    await using on = await stage()
    on.a.reply((_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
    const body = { model: 'm', input: 'x', models: ['nothing'] }
    expect((await on.gateway.request('/v1/moderations', { body })).status).toBe(200)
    expect(on.a.requests[0]!.json()['models']).toEqual(['nothing'])
  })
})
