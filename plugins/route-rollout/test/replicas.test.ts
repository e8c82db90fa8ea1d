import { describe, expect, test } from 'vitest'
import { SharedStore, sharedStore } from './support/shared-store.ts'
import { failure, stage } from './support/stage.ts'
import type { Stage, StageOptions } from './support/stage.ts'

const settings = (store: SharedStore, rollout: object): StageOptions => ({
  store: sharedStore(store),
  models: { m: { targets: ['old/m'], rollout: { candidate: 'new/m', minSamples: 10, ...rollout } } },
})

async function replicas(rollout: object, count = 4): Promise<{ store: SharedStore; all: Stage[] } & AsyncDisposable> {
  const store = new SharedStore()
  const all = await Promise.all(Array.from({ length: count }, () => stage(settings(store, rollout))))
  return {
    store,
    all,
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((each) => each[Symbol.asyncDispose]()))
    },
  }
}

const askAll = (all: readonly Stage[], times: number) =>
  Promise.all(all.flatMap((on) => Array.from({ length: times }, () => on.ask())))

describe('several replicas', () => {
  test('take each step once, whichever is first, from what all of them have counted', async () => {
    await using on = await replicas({
      steps: [30, 60, 80].map((percent) => ({ percent, for: '20ms' })),
      minSamples: 12,
    })
    const [first] = on.all
    while ((await first!.status()).status === 'running') await askAll(on.all, 3)
    const actions = on.all.flatMap(({ audit }) => audit.map(({ action }) => action))
    expect(actions.sort()).toEqual(['rollouts.promote', 'rollouts.step', 'rollouts.step'])
    const { changes } = await first!.status()
    expect(changes.map(({ action }) => action)).toEqual(['start', 'step', 'step', 'promote'])
  })

  test('roll back together when one is told to, and at once', async () => {
    await using on = await replicas({ percent: 100 })
    const [first] = on.all
    expect((await first!.admin('POST', '/m/rollback')).status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const replies = await askAll(on.all, 3)
    expect(new Set(replies.map(({ headers }) => headers['x-sluice-variant']))).toEqual(new Set(['stable']))
  })

  test('find together what each of them has seen too little of', async () => {
    await using on = await replicas({ percent: 50, minSamples: 20 })
    for (const each of on.all) each.new.reply(failure)
    await askAll(on.all, 24)
    await expect.poll(async () => (await on.all[3]!.status()).status).toBe('rolled-back')
    const audited = on.all.flatMap(({ audit }) => audit)
    expect(audited).toHaveLength(1)
  })

  test('promote and roll back at the same time: the record has both, in an order', async () => {
    await using on = await replicas({ percent: 50 })
    const [first, second] = on.all
    const replies = await Promise.all([first!.admin('POST', '/m/promote'), second!.admin('POST', '/m/rollback')])
    expect(replies.map(({ status }) => status)).toEqual([200, 200])
    await expect.poll(async () => (await first!.status()).changes.length).toBe(3)
    expect((await first!.status()).status).toBe((await second!.status()).status)
  })

  test('are told to do two things with the same revision: one is done, the other refused', async () => {
    await using on = await replicas({ percent: 50 })
    const [first, second] = on.all
    const { etag = '' } = (await first!.admin('GET', '/m/status')).headers
    const tell = ({ gateway }: Stage, verb: string) =>
      gateway.request(`/admin/v1/rollouts/m/${verb}`, {
        method: 'POST',
        headers: { authorization: 'root', 'if-match': String(etag) },
      })
    const replies = await Promise.all([tell(first!, 'promote'), tell(second!, 'rollback')])
    expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 412])
    expect((await first!.status()).changes).toHaveLength(2)
  })
})

test('counts are written now and then, not with every request', async () => {
  const store = new SharedStore()
  await using on = await stage({ ...settings(store, { percent: 50 }), options: { interval: '400ms' } })
  for (let batch = 0; batch < 20; batch++) await Promise.all(Array.from({ length: 25 }, () => on.ask()))
  expect((await on.status()).arms['stable']!.now.requests).toBeGreaterThan(100)
  expect(store.puts.get('rollout-counts')).toBeLessThan(10)
})

test('a store that is out of reach stops no request, and no count is lost by it', async () => {
  const store = new SharedStore()
  await using on = await stage(settings(store, { percent: 50 }))
  await on.ask()
  store.isDown = true
  const replies = await Promise.all(Array.from({ length: 20 }, () => on.ask()))
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
  expect((await on.admin('POST', '/m/rollback')).status).toBe(500)
  await new Promise((resolve) => setTimeout(resolve, 60))
  store.isDown = false
  await expect
    .poll(async () => {
      const { arms } = await on.status()
      return arms['stable']!.now.requests + arms['candidate']!.now.requests
    })
    .toBe(21)
})

test('what a gateway has counted and decided is there when it starts again', async () => {
  const store = new SharedStore()
  {
    await using on = await stage(settings(store, { percent: 50 }))
    await Promise.all(Array.from({ length: 10 }, () => on.ask()))
    await on.admin('POST', '/m/pause')
  }
  await using on = await stage(settings(store, { percent: 50 }))
  const { status, arms } = await on.status()
  expect(status).toBe('paused')
  expect(arms['stable']!.now.requests + arms['candidate']!.now.requests).toBe(10)
})

test('a rollout that has moved from the Store into the config goes on when the Store forgets it', async () => {
  const store = new SharedStore()
  const definition = { candidate: 'new/m', percent: 100 }
  await store.put('rollouts', 'r', { name: 'r', model: 'm', ...definition })
  await store.put('rollouts', 's', { name: 's', model: 'n', ...definition })
  const models = { m: { targets: ['old/m'], rollout: { name: 'r', ...definition } }, n: 'old/n' }
  await using on = await stage({ store: sharedStore(store), models })
  await on.admin('POST', '/r/rollback')
  for (const name of ['r', 's']) expect((await on.admin('DELETE', `/${name}`)).status).toBe(204)
  await expect
    .poll(async () => (await store.list('rollout-states')).map(({ value }) => [value['rollout'], value['status']]))
    .toEqual([['r', 'rolled-back']])
})
