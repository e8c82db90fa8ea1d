import { json, stallBeforeHeaders, stallMidStream } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { fails, openaiAnswer, QUICK, stage, textOf } from './support/stage.ts'

const HEDGED = { ...QUICK, hedge: { after: '30ms' } }
const CROSSED = { m: { targets: ['a/m', 'c/claude'] } }
const late =
  (ms: number, reply: ReturnType<typeof openaiAnswer>): ReturnType<typeof openaiAnswer> =>
  async (request, response) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    if (!response.destroyed) await reply(request, response)
  }

describe('a hedged call', () => {
  test.each([false, true])(
    'goes to the next target beside a slow one, and its answer wins (stream: %s)',
    async (stream) => {
      await using on = await stage({ options: HEDGED, models: CROSSED })
      on.a.reply(stream ? stallMidStream() : stallBeforeHeaders())
      const answer = await on.ask({ stream, logit_bias: { 1: 2 } })
      expect(textOf(answer)).toBe('from c')
      expect(answer.headers).toMatchObject({
        'x-sluice-model': 'c/claude',
        'x-sluice-attempts': '2',
        'x-sluice-dropped-params': 'logit_bias',
      })
      // The other one is cancelled.
      await expect.poll(() => on.a.sockets).toBe(0)
      await expect.poll(() => on.over.length).toBe(1)
      const { attempts, usage } = on.over[0]!
      expect(attempts.map(({ target, error }) => [target.provider, error?.code])).toEqual([
        ['a', 'client_closed'],
        ['c', undefined],
      ])
      expect(usage).toMatchObject({ input: { total: 13 }, output: { total: 5 } })
    },
  )

  test('is given up if the first target is quicker after all, and what that one dropped is told', async () => {
    await using on = await stage({ options: HEDGED, models: CROSSED })
    on.a.reply(late(80, openaiAnswer('at last')))
    on.c.reply(stallBeforeHeaders())
    const answer = await on.ask({ logit_bias: { 1: 2 } })
    expect(textOf(answer)).toBe('at last')
    expect(answer.headers).toMatchObject({ 'x-sluice-model': 'a/m', 'x-sluice-attempts': '2' })
    expect(answer.headers['x-sluice-dropped-params']).toBeUndefined()
    // Waiting for the first was no overhead.
    expect(Number(answer.headers['x-sluice-overhead-ms'])).toBeLessThan(30)
    await expect.poll(() => on.c.sockets).toBe(0)
    await expect.poll(() => on.over.length).toBe(1)
    expect(on.over[0]!.attempts.map(({ target }) => target.provider)).toEqual(['c', 'a'])
    expect(on.over[0]!.usage).toMatchObject({ input: { total: 11 }, output: { total: 7 } })
  })

  test('is not made where the answer is quick', async () => {
    await using on = await stage({ options: { ...QUICK, hedge: { after: '5s' } } })
    expect((await on.ask()).headers['x-sluice-attempts']).toBe('1')
    expect(on.b.requests).toHaveLength(0)
  })

  test('is waited for if the first one fails meanwhile', async () => {
    await using on = await stage({ options: HEDGED })
    on.a.reply(late(60, fails(500)))
    on.b.reply(late(90, openaiAnswer('slow but well')))
    expect(textOf(await on.ask())).toBe('slow but well')
    expect([on.a.requests.length, on.b.requests.length]).toEqual([1, 1])
  })

  test('that fails leaves the first one to answer', async () => {
    await using on = await stage({ options: HEDGED })
    on.a.reply(late(120, openaiAnswer('after all')))
    on.b.reply(fails(500))
    const answer = await on.ask()
    expect(textOf(answer)).toBe('after all')
    expect(answer.headers['x-sluice-model']).toBe('a/m')
  })

  test('and the first one may both fail: then it goes on, and nobody is skipped', async () => {
    await using on = await stage({ options: HEDGED, models: { m: { targets: ['a/m', 'b/m', 'c/m'] } } })
    on.a.reply(late(60, fails(500)))
    on.b.reply(late(60, fails(500)))
    const answer = await on.ask()
    expect(textOf(answer)).toBe('from c')
    expect([on.a, on.b, on.c].map(({ requests }) => requests.length)).toEqual([1, 1, 1])
  })

  test('is never made of a fallback, nor beyond the budget of calls again', async () => {
    await using on = await stage({
      options: { ...HEDGED, retryBudget: { ratio: 0, perMinute: 1 } },
      models: { single: { targets: ['a/m'], resilience: { fallbacks: ['b/m'] } } },
    })
    on.a.reply(late(60, openaiAnswer('from a')))
    expect((await on.ask({ model: 'single' })).headers['x-sluice-attempts']).toBe('1')
    const attempts = []
    for (let i = 0; i < 3; i++) attempts.push((await on.ask()).headers['x-sluice-attempts'])
    expect(attempts).toEqual(['2', '1', '1'])
  })

  test('is not made of a target that has gone out of order meanwhile', async () => {
    const callers = { writer: { id: 'writer', permissions: ['routing:write'] } }
    await using on = await stage({ options: { ...QUICK, hedge: { after: '80ms' } }, callers })
    on.a.reply(late(160, openaiAnswer('from a')))
    const headers = { 'x-caller': 'writer' }
    const answer = on.ask({}, { headers })
    await expect.poll(() => on.a.requests.length).toBe(1)
    const body = { target: 'b/m', open: true }
    await on.gateway.request('/admin/v1/routing/circuits', { method: 'PUT', body, headers })
    expect(textOf(await answer)).toBe('from a')
    expect(on.b.requests).toHaveLength(0)
  })

  test('ends with both when the client leaves', async () => {
    await using on = await stage({ options: HEDGED })
    on.a.reply(stallBeforeHeaders())
    on.b.reply(stallBeforeHeaders())
    const controller = new AbortController()
    const answer = on.ask({}, { signal: controller.signal }).catch((error: unknown) => error)
    await expect.poll(() => on.b.requests.length).toBe(1)
    controller.abort()
    await answer
    await expect.poll(() => on.a.sockets + on.b.sockets).toBe(0)
    await expect.poll(() => on.over.length).toBe(1)
    expect(on.over[0]!.outcome).toBe('client_closed')
  })

  test('waits as long as answers of the target usually take', async () => {
    await using on = await stage({ options: { ...QUICK, hedge: { after: 'p95' } } })
    // Nothing is known yet: no hedge.
    on.a.reply(late(60, openaiAnswer('from a')))
    expect((await on.ask()).headers['x-sluice-attempts']).toBe('1')
    on.a.reply(openaiAnswer('from a'))
    for (let i = 0; i < 31; i++) await on.ask()
    on.a.reply(stallBeforeHeaders())
    expect(textOf(await on.ask())).toBe('from b')
  })

  test('of an answer that is no use is none', async () => {
    await using on = await stage({ options: HEDGED })
    on.a.reply(late(100, openaiAnswer('from a')))
    on.b.reply(json({ error: { message: 'Overloaded' } }))
    expect(textOf(await on.ask())).toBe('from a')
  })
})
