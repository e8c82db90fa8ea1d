import type { JsonObject } from '@sluice/core'
import type { TestReply } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { stage } from './support/stage.ts'
import type { Stage, StageOptions } from './support/stage.ts'

const canary: StageOptions = {
  models: {
    m: {
      targets: ['old/m'],
      rollout: { candidate: 'new/m', percent: 100, guardrails: { feedback: { maxDrop: 0.2 } }, minSamples: 20 },
    },
  },
}
const say = (on: Stage, body: JsonObject | string, caller = 'ann'): Promise<TestReply> =>
  on.gateway.request('/v1/feedback', {
    method: 'POST',
    headers: { authorization: caller, 'content-type': 'application/json' },
    body,
  })
const idOf = (reply: TestReply): string => String(reply.headers['x-request-id'])

test('feedback is counted by arm, name and exchange, and a later one takes the place of an earlier', async () => {
  await using on = await stage(canary)
  const id = idOf(await on.ask())
  expect((await say(on, { id, score: 1 })).json()).toEqual({ id, name: 'default', score: 1, replaced: false })
  expect((await say(on, { id, score: 0, comment: 'On second thoughts\0' })).json()).toMatchObject({ replaced: true })
  expect((await say(on, { id, score: 5, name: 'stars' })).json()).toMatchObject({ replaced: false })
  expect((await say(on, { id: idOf(await on.ask()), score: 1 })).status).toBe(200)
  await expect
    .poll(async () => (await on.status()).arms['candidate']!.now['feedback'])
    .toEqual({ default: { n: 2, mean: 0.5 }, stars: { n: 1, mean: 5 } })

  const listed = await on.gateway.request('/admin/v1/feedback', { headers: { authorization: 'root' } })
  expect(listed.json()['data']).toContainEqual(
    expect.objectContaining({
      exchange: id,
      score: 0,
      comment: 'On second thoughts\ufffd',
      variant: 'candidate',
      principal: 'ann',
    }),
  )
})

test('many at the same time of the same exchange count once', async () => {
  await using on = await stage(canary)
  const id = idOf(await on.ask())
  const replies = await Promise.all([0, 0.25, 0.5, 0.75].map((score) => say(on, { id, score })))
  const taken = replies.filter(({ status }) => status === 200)
  expect(taken.filter((reply) => reply.json()['replaced'] === false).length).toBe(1)
  await expect
    .poll(async () => (await on.status()).arms['candidate']!.now['feedback'])
    .toEqual({ default: { n: 1, mean: expect.any(Number) } })
})

describe('feedback is refused', () => {
  test('for exchanges that are not there, are of others, or took part in nothing', async () => {
    await using on = await stage({ ...canary, models: { ...canary.models, other: 'old/m' } })
    const own = idOf(await on.ask())
    const elsewhere = idOf(await on.ask('ann', { model: 'other' }))
    expect((await say(on, { id: crypto.randomUUID(), score: 1 })).status).toBe(404)
    expect((await say(on, { id: own, score: 1 }, 'bob')).status).toBe(404)
    expect((await say(on, { id: elsewhere, score: 1 })).status).toBe(404)
    expect((await say(on, { id: 'a\u0000b', score: 1 })).status).toBe(404)
    expect((await say(on, { id: own, score: 1 })).status).toBe(200)
  })

  test.each<[JsonObject | string, string | undefined]>([
    ['', undefined],
    ['[]', undefined],
    ['null', undefined],
    ['{', undefined],
    [{}, 'id'],
    [{ id: 'x' }, 'score'],
    [{ id: 'x', score: '1' }, 'score'],
    [{ id: 'x', score: 1e9 }, 'score'],
    [{ id: 'x', score: 1, name: '__proto__' }, 'name'],
    [{ id: 'x', score: 1, name: 7 }, 'name'],
    [{ id: 'x', score: 1, more: true }, 'more'],
    [{ id: 'x', score: 1, comment: 'a'.repeat(2001) }, 'comment'],
  ])('if it is %j', async (body, param) => {
    await using on = await stage(canary)
    const refused = await say(on, body)
    expect(refused.status).toBe(400)
    expect((refused.json()['error'] as JsonObject)['param']).toBe(param)
  })
})

test('a candidate that people like less is rolled back', async () => {
  await using on = await stage({
    models: {
      m: {
        targets: ['old/m'],
        rollout: { candidate: 'new/m', percent: 50, guardrails: { feedback: { maxDrop: 0.2 } }, minSamples: 20 },
      },
    },
  })
  while ((await on.status()).status === 'running') {
    const replies = await Promise.all(Array.from({ length: 10 }, () => on.ask()))
    const scores = replies.map((reply) => ({
      id: idOf(reply),
      score: reply.headers['x-sluice-variant'] === 'stable' ? 1 : 0,
    }))
    await Promise.all(scores.map((score) => say(on, score)))
  }
  expect((await on.status()).changes.at(-1)).toMatchObject({
    action: 'rollback',
    reason: expect.stringContaining('feedback "default" of "candidate"'),
  })
})
